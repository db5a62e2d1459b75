/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/** JMH benchmarks of this library, side by side with other ways to run a process. */
@NullMarked
package io.reactorproc.bench;

import org.jspecify.annotations.NullMarked;
