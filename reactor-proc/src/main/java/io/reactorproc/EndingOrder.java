/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/**
 * In which order the stages of a pipeline are ended at a cancel, a timeout or {@link
 * RunningPipeline#terminate()}. Each signal of the {@link Termination} that has a pause after it
 * goes to one stage after the other: to the next as soon as the one before is gone, or has had its
 * share of the pause. The whole takes no longer than the termination says, whatever the number of
 * stages: what has not ended by then gets the next signal, all at once.
 */
public enum EndingOrder {
  /**
   * The first stage first, the default: those behind it see the end of their input and may finish
   * what they have before their own signal comes.
   */
  UPSTREAM_FIRST,
  /** The last stage first: those before it get SIGPIPE when they write on. */
  DOWNSTREAM_FIRST,
  /** One signal to the whole process group. */
  ALL_AT_ONCE
}
