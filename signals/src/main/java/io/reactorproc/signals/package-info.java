/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/** Signals of the operating system as streams. */
@NullMarked
package io.reactorproc.signals;

import org.jspecify.annotations.NullMarked;
