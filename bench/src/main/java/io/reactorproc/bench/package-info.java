/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * The side-by-side comparison: which workloads there are, how each peer's program is started and
 * asked for its rounds, and how what it answers becomes tables, charts and a verdict.
 */
@NullMarked
package io.reactorproc.bench;

import org.jspecify.annotations.NullMarked;
