/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.WaitResult;
import io.reactorproc.signals.Signal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A stage that is a {@link NestedJob}. On the loop. */
final class NestedMember extends Member {
  private final NestedJob job;
  private final Map<Integer, LentDescriptor> lent;
  private NestedJob.@Nullable Running running;
  private boolean stopped;
  private boolean gone;
  private boolean success;
  private @Nullable Throwable failure;

  /**
   * A member with the descriptors that it will lend.
   *
   * @param lent by the job's number; those that are not the run's own are closed by it
   */
  NestedMember(
      Part part,
      NestedJob job,
      Map<Integer, LentDescriptor> lent,
      List<@Nullable Descriptor> ends) {
    super(part, ends, System.nanoTime());
    this.job = job;
    this.lent = lent;
    part.started(this);
  }

  /** Its end is told by the job. */
  @Override
  void watch() {}

  @Override
  void feed() {
    super.feed();
    if (stopped) {
      return; // cancelled while it was being started
    }
    running = job.start(lent, new Told());
  }

  /** Whether its job says that it succeeded. */
  boolean isSuccess() {
    return success;
  }

  /** Why the job could not go on, if it could not. */
  @Nullable Throwable failure() {
    return failure;
  }

  private void over(ExitStatus last, boolean good, @Nullable Throwable error) {
    gone = true;
    success = good;
    failure = error;
    closeLent();
    exited(last);
  }

  private void closeLent() {
    lent.forEach(
        (descriptor, end) -> {
          if (!run.lends(end)) {
            end.close();
          }
        });
  }

  @Override
  boolean isReaped() {
    return gone;
  }

  @Override
  boolean signal(int signal) {
    if (gone) {
      return false;
    }
    NestedJob.Running current = running;
    if (current != null) {
      current.signal(signal);
    } else if (!stopped && DefaultAction.ends(Signal.of(signal))) {
      stopped = true;
      loop.execute(() -> over(lost(), false, null));
    }
    return true;
  }

  private ExitStatus lost() {
    return new ExitStatus(WaitResult.LOST, ageNanos());
  }

  @Override
  int pid() {
    return 0;
  }

  @Override
  int group() {
    return 0;
  }

  @Override
  void kill(Runnable whenGone) {
    stopped = true;
    gone = true;
    closeLent();
    loop.execute(whenGone);
  }

  @Override
  void discard() {
    closeEnds();
    closeLent();
  }

  /** The job's reports, brought to the loop. */
  private final class Told implements NestedJob.Ended {
    @Override
    public void ended(ExitStatus last, boolean good) {
      loop.execute(() -> over(last, good, null));
    }

    @Override
    public void failed(Throwable error) {
      loop.execute(() -> over(lost(), false, error));
    }
  }
}
