/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.guard;

import java.util.OptionalInt;

/**
 * An orphan that was reaped.
 *
 * @param pid the number that it had
 * @param code its exit code, where it exited
 * @param signal the number of the signal that ended it, where one did
 */
public record Orphan(int pid, OptionalInt code, OptionalInt signal) {}
