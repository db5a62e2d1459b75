/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One redirection of a command or group. A value.
 *
 * @param descriptor 0, 1 or 2
 * @param target the file or text; null for {@link Kind#COPY}
 * @param source the descriptor that a {@link Kind#COPY} is made of
 * @param at where it begins
 */
record Redirect(int descriptor, Kind kind, @Nullable Word target, int source, int at) {

  /** What the descriptor becomes. */
  enum Kind {
    /** {@code < file}. */
    READ,
    /** {@code > file}. */
    WRITE,
    /** {@code >> file}. */
    APPEND,
    /** {@code <<< text}. */
    TEXT,
    /** {@code 2>&1}. */
    COPY
  }

  static Redirect copy(int descriptor, int source, int at) {
    return new Redirect(descriptor, Kind.COPY, null, source, at);
  }

  Word word() {
    return Objects.requireNonNull(target);
  }
}
