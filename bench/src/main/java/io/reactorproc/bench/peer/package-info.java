/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * What runs in a peer's own JVM: the workloads, written against each library as its users write
 * them, and what is measured around them.
 */
@NullMarked
package io.reactorproc.bench.peer;

import org.jspecify.annotations.NullMarked;
