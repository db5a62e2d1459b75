/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.Map;

/**
 * A job of several children, one after the other, as a stage of a pipeline. A value; it runs on
 * descriptors that the pipeline lends it, and is over with the last of its children.
 */
interface NestedJob {
  /**
   * Starts it. On the loop of the pipeline, which is not blocked.
   *
   * @param lent by descriptor, those of 0 to 2 that are the pipeline's to give; they stay open
   *     until {@code ended} is called
   * @param ended is called exactly once, on any thread, when nothing of the job is left
   */
  Running start(Map<Integer, LentDescriptor> lent, Ended ended);

  /** Learns of the end. */
  interface Ended {
    /**
     * It has ended.
     *
     * @param last how the last of its children ended
     * @param success whether that is a success of the job
     */
    void ended(ExitStatus last, boolean success);

    /** It could not go on, for this reason, which is the error of the pipeline. */
    void failed(Throwable error);
  }

  /** A job under way. */
  interface Running {
    /**
     * Sends a signal to the group of what runs now. One that would end the subshell that the job
     * stands for keeps it from starting more; one that would stop it stops what it starts, until
     * SIGCONT. Any thread.
     */
    void signal(int signal);
  }
}
