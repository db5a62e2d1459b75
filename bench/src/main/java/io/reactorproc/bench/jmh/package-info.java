/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/** JMH benchmarks of the hot paths; {@code -prof gc} tells what they allocate. */
@NullMarked
package io.reactorproc.bench.jmh;

import org.jspecify.annotations.NullMarked;
