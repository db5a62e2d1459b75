/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.WaitResult;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One child from its spawn to the last of its output: who watches it, how it is signalled and
 * ended. On its loop; fields without a comment are touched there only.
 */
final class Child extends Member implements ExitWatch.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Child.class);
  private static final int SIGKILL = 9;
  private static final int SIGCONT = 18;

  private final ChildInfo info;
  private final @Nullable ExecGate gate;
  private final Instant started;
  private final @Nullable TerminalPort terminal;
  private ExitWatch watch;
  private @Nullable Ladder ladder;
  private @Nullable JobState jobState;
  private boolean pausedByUs;

  /** The pid until the reap, then 0. Any thread reads. */
  private volatile int livePid;

  Child(
      Part part,
      ExitWatch watch,
      ChildInfo info,
      @Nullable ExecGate gate,
      List<@Nullable Descriptor> ends,
      @Nullable TerminalPort terminal,
      Instant started,
      long startNanos) {
    super(part, ends, startNanos);
    this.terminal = terminal;
    this.watch = watch;
    this.info = info;
    this.gate = gate;
    this.started = started;
    this.livePid = info.pid();
    part.started(this);
    run.runtime().born(this);
  }

  @Override
  void watch() throws SystemCallException {
    watch.start(this);
  }

  @Override
  @Nullable ExecGate gate() {
    return gate;
  }

  /** What those are told who look after all children. Any thread. */
  ChildInfo info() {
    return info;
  }

  /** Killed, and reaped by asking for it now and then: the failure may be that of watching it. */
  @Override
  void kill(Runnable gone) {
    watch.stop();
    stopGate();
    TimedWatch fallback = new TimedWatch(kernel, loop, info.pid());
    watch = fallback;
    fallback.start(
        new ExitWatch.Listener() {
          @Override
          public void onGoing() {
            ChildListeners.ending(info);
          }

          @Override
          public void onExit(WaitResult result) {
            forget();
            gone.run();
          }
        });
    try {
      ProcessGroup.signal(kernel, List.of(this), SIGKILL);
    } catch (SystemCallException e) {
      LOG.error("child {} could not be watched, and not be ended", info.pid(), e);
    }
  }

  @Override
  void discard() {
    closeEnds();
    watch.stop();
    stopGate();
    livePid = 0;
    run.runtime().gone(this);
    run.runtime().changed();
    ChildStart.endUnwatched(kernel, info);
  }

  private void stopGate() {
    if (gate != null) {
      gate.stop();
    }
  }

  private void forget() {
    livePid = 0;
    run.runtime().gone(this);
    ChildListeners.ended(info);
    run.runtime().changed();
  }

  @Override
  public void onGoing() {
    ChildListeners.ending(info);
    run.ending().memberGoing(this);
  }

  @Override
  public void onExit(WaitResult result) {
    ExitStatus status = new ExitStatus(result, ageNanos());
    livePid = 0;
    ChildListeners.ended(info);
    stopLadder();
    if (jobState != null) {
      jobState.reaped();
    }
    Runnable told =
        () -> {
          run.runtime().gone(this);
          try {
            exited(status);
          } finally {
            run.runtime().changed();
          }
        };
    Foreground foreground = run.foreground();
    if (foreground == null) {
      told.run();
    } else {
      foreground.childGone(told);
    }
  }

  @Override
  void outputEnded(OutputPort output) {
    watch.outputEnded();
    if (terminal != null
        && output.descriptor == 1
        && output.summary().end() != StreamEnd.END_OF_FILE) {
      // Nobody reads the terminal any more: without a hang-up whoever writes there would wait.
      abortInput(0);
      terminal.close();
    }
    super.outputEnded(output);
  }

  /** Hangs up, then carries out the command's termination. On the loop; repeating is harmless. */
  void cancel() {
    hangUp();
    terminate(settings.termination);
  }

  /** Starts a ladder, in the place of one that may be on its way. On the loop. */
  void terminate(Termination termination) {
    if (!isReaped()) {
      stopLadder();
      Ladder next = new Ladder(List.of(this), EndingOrder.ALL_AT_ONCE, termination);
      ladder = next;
      next.climb();
    }
  }

  /** Whether a ladder of its own is on its way. */
  boolean isEnding() {
    return ladder != null && ladder.isClimbing();
  }

  private void stopLadder() {
    Ladder current = ladder;
    if (current != null) {
      current.stop();
    }
  }

  @Override
  boolean signal(int signal) throws SystemCallException {
    boolean sent = !isReaped() && watch.signal(signal);
    if (sent && signal == SIGCONT) {
      continueTold();
    }
    return sent;
  }

  @Override
  boolean signalGroup(int signal) throws SystemCallException {
    boolean alone = run.parts().size() == 1 || leadsSession();
    return alone ? ProcessGroup.signal(kernel, List.of(this), signal) : signal(signal);
  }

  /** No other stage is in its group then. */
  @Override
  boolean leadsSession() {
    return settings.group == Settings.Group.SESSION;
  }

  /** Its stops and continuations. */
  JobState jobState() {
    JobState known = jobState;
    if (known == null) {
      jobState = known = new JobState(this);
    }
    return known;
  }

  @Override
  boolean isStopped() {
    return jobState().isStopped();
  }

  @Override
  boolean isPausedByUs() {
    return pausedByUs && isStopped();
  }

  @Override
  void pausedByUs(boolean paused) {
    pausedByUs = paused;
  }

  @Override
  void continueTold() {
    if (jobState != null) {
      jobState.continueTold();
    }
  }

  @Override
  @Nullable TerminalPort terminal() {
    return terminal;
  }

  WaitResult takeJobChange() {
    return watch.takeJobChange();
  }

  @Override
  boolean isReaped() {
    return livePid == 0;
  }

  /** The pid until the reap, then 0. Any thread. */
  int pidOrZero() {
    return livePid;
  }

  @Override
  int pid() {
    return info.pid();
  }

  @Override
  int group() {
    return info.group();
  }

  Instant started() {
    return started;
  }
}
