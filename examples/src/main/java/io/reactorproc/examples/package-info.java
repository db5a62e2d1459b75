/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/** Programs a user would really run, written against the public interface only. */
@NullMarked
package io.reactorproc.examples;

import org.jspecify.annotations.NullMarked;
