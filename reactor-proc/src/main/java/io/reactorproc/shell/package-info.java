/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/** A practical part of the shell's language, turned into commands and pipelines without a shell. */
@NullMarked
package io.reactorproc.shell;

import org.jspecify.annotations.NullMarked;
