/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package io.reactorproc.bench;

import org.jspecify.annotations.NullMarked;
