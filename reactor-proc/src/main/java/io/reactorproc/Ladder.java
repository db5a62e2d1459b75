/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.signals.Signal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out a {@link Termination} on children of one run until they are gone. The steps between
 * two pauses are a rung; with an order, a rung before a pause is told to one child after the other,
 * each of which has its share of the pause. On the loop.
 */
final class Ladder {
  private static final Logger LOG = LoggerFactory.getLogger(Ladder.class);
  private static final Termination.Step WAKE_GROUP = new Termination.SignalGroup(Signal.SIGCONT);
  private static final Termination.Step WAKE_CHILD = new Termination.SignalChild(Signal.SIGCONT);
  private static final Predicate<Termination.Step> GROUPS =
      Termination.SignalGroup.class::isInstance;

  /** In the order in which they are told. */
  private final List<Member> children;

  private final Kernel kernel;
  private final @Nullable RunCgroup cgroup;
  private final boolean wholeGroup;
  private final boolean inTurn;
  private final IoEventLoop loop;
  private final List<Termination.Step> steps;
  private int next;
  private List<Termination.Step> rung = List.of();
  private int told;
  private boolean groupTold;
  private long shareNanos;
  private @Nullable ScheduledFuture<?> pause;
  private @Nullable ScheduledFuture<?> turn;

  Ladder(List<Member> children, EndingOrder order, Termination termination) {
    this.children = inOrder(children, order);
    this.inTurn = children.size() > 1 && order != EndingOrder.ALL_AT_ONCE;
    Run run = children.get(0).part().run();
    this.kernel = run.runtime().kernel();
    this.cgroup = run.cgroup();
    this.wholeGroup = children.size() == run.parts().size();
    this.loop = run.loop();
    this.steps = termination.steps();
  }

  private static List<Member> inOrder(List<Member> children, EndingOrder order) {
    if (order != EndingOrder.DOWNSTREAM_FIRST) {
      return children;
    }
    List<Member> backwards = new ArrayList<>(children);
    Collections.reverse(backwards);
    return backwards;
  }

  /** Takes steps until the next wait, the last one, or the end of the children. */
  void climb() {
    stop();
    if (allGone()) {
      return;
    }
    int first = next;
    while (next < steps.size() && !(steps.get(next) instanceof Termination.Wait)) {
      next++;
    }
    rung = steps.subList(first, next);
    groupTold = false;
    if (next == steps.size()) {
      tellAll();
      return;
    }
    Duration time = ((Termination.Wait) steps.get(next++)).time();
    pause = loop.schedule(this::climb, time.toNanos(), TimeUnit.NANOSECONDS);
    if (inTurn) {
      told = 0;
      shareNanos = time.toNanos() / children.size();
      tellNext();
    } else {
      tellAll();
    }
  }

  /** A child is reaped. */
  void childGone() {
    if (allGone()) {
      stop();
    } else if (turn != null && children.get(told - 1).isReaped()) {
      tellNext();
    }
  }

  /**
   * A child is gone and not yet reaped. If it is the last of those that are told in turn, or leads
   * a session, this is the last moment at which the number of its group is certain, for what is
   * left in it.
   */
  void childGoing(Member child) {
    if (pause == null || !inTurn) {
      return;
    }
    boolean waitsForItsTurn = children.indexOf(child) >= told;
    if (child.leadsSession() ? waitsForItsTurn : !groupTold && isLast(child)) {
      tell(List.of(child), true);
    }
  }

  /** Whether another step is to come. */
  boolean isClimbing() {
    return pause != null;
  }

  /** The children are gone, or another ladder takes over. */
  void stop() {
    pause = cancelled(pause);
    turn = cancelled(turn);
  }

  private static @Nullable ScheduledFuture<?> cancelled(@Nullable ScheduledFuture<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
    return null;
  }

  private boolean allGone() {
    for (Member child : children) {
      if (!child.isReaped()) {
        return false;
      }
    }
    return true;
  }

  private boolean isLast(Member child) {
    for (Member other : children) {
      if (other != child && !other.isReaped()) {
        return false;
      }
    }
    return true;
  }

  private void tellNext() {
    turn = cancelled(turn);
    while (told < children.size()) {
      Member child = children.get(told++);
      if (!child.isReaped()) {
        tell(List.of(child), isLast(child));
        if (told < children.size()) {
          turn = loop.schedule(this::tellNext, shareNanos, TimeUnit.NANOSECONDS);
        }
        return;
      }
    }
  }

  private void tellAll() {
    tell(children, true);
  }

  private void tell(List<Member> addressed, boolean group) {
    groupTold |= group;
    for (Termination.Step step : rung) {
      attempt(step, addressed, group);
    }
    if (rung.stream().anyMatch(Ladder::wantsToBeHeard)) {
      attempt(rung.stream().anyMatch(GROUPS) ? WAKE_GROUP : WAKE_CHILD, addressed, group);
      if (cgroup != null) {
        cgroup.pausing().thaw();
      }
    }
  }

  /** A child that is stopped takes notice of nothing but SIGKILL until it goes on. */
  private static boolean wantsToBeHeard(Termination.Step step) {
    if (step instanceof Termination.SignalGroup signal) {
      return DefaultAction.ends(signal.signal()) && signal.signal() != Signal.SIGKILL;
    }
    if (step instanceof Termination.SignalChild signal) {
      return DefaultAction.ends(signal.signal()) && signal.signal() != Signal.SIGKILL;
    }
    return !(step instanceof Termination.Wait);
  }

  private void attempt(Termination.Step step, List<Member> addressed, boolean group) {
    try {
      take(step, addressed, group);
    } catch (SystemCallException e) {
      // EPERM for a child that changed its user: the next step may do better, and the log tells.
      LOG.warn("ending {}: {} failed", addressed, step, e);
    }
  }

  private void take(Termination.Step step, List<Member> addressed, boolean group)
      throws SystemCallException {
    if (step instanceof Termination.SignalGroup signal && group && wholeGroup) {
      ProcessGroup.signal(kernel, addressed, signal.signal().number());
      return;
    }
    for (Member child : addressed) {
      if (child.isReaped()) {
        continue;
      }
      if (step instanceof Termination.SignalGroup signal) {
        signalGroup(child, signal.signal().number());
      } else if (step instanceof Termination.SignalChild signal) {
        child.signal(signal.signal().number());
      } else if (step instanceof Termination.CloseStdin) {
        InputPort stdin = child.input(0);
        if (stdin != null) {
          stdin.queue().channel().closeWhenWritten();
        }
      } else if (step instanceof Termination.WriteStdin farewell) {
        InputPort stdin = child.input(0);
        if (stdin != null) {
          byte[] bytes = farewell.text().getBytes(StandardCharsets.UTF_8);
          stdin.queue().channel().write(Unpooled.wrappedBuffer(bytes));
        }
      }
    }
  }

  /** Alone, as its turn is: with its group only where nobody else is in that. */
  private static void signalGroup(Member child, int signal) throws SystemCallException {
    if (child.leadsSession()) {
      child.signalGroup(signal);
    } else {
      child.signal(signal);
    }
  }
}
