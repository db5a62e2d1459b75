/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/**
 * What can be run, by itself or as a part of something larger: an immutable value. A {@link
 * Command} is one child, a {@link Pipeline} several that are joined, a {@link Sequence} several one
 * after the other.
 */
public sealed interface Job permits Command, Pipeline, Sequence {

  /** This job and then, if it ended well, the next: {@code this && next}. */
  default Sequence then(Job next) {
    return Sequence.of(this).then(next);
  }

  /** This job and then, if it did not end well, the next: {@code this || next}. */
  default Sequence orElse(Job next) {
    return Sequence.of(this).orElse(next);
  }

  /** This job and then, however it ended, the next: {@code this; next}. */
  default Sequence andThen(Job next) {
    return Sequence.of(this).andThen(next);
  }

  /** This job, whose success is failure and whose failure is success: {@code ! this}. */
  default Sequence not() {
    return Sequence.of(this).not();
  }
}
