/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.Map;

/** A sequence as a stage of a pipeline. */
record NestedSequence(Sequence sequence) implements NestedJob {

  @Override
  public Running start(Map<Integer, LentDescriptor> lent, Ended ended) {
    Current current = new Current();
    new SequenceRun(sequence, new PartRunner(lent, Deadline.NONE, StartFailures.ERROR, current))
        .judged()
        .subscribe(
            result -> ended.ended(result.status(), JobEnd.of(sequence, result).success()),
            error -> failed(error, ended));
    return current;
  }

  /** A bad status is the stage's; anything else is an error of the pipeline. */
  private static void failed(Throwable error, Ended ended) {
    if (error instanceof SequenceException exit && JobEnd.of(exit).failure() == null) {
      ended.ended(exit.status(), false);
    } else {
      ended.failed(error);
    }
  }

  @Override
  public String toString() {
    return sequence.toString();
  }
}
