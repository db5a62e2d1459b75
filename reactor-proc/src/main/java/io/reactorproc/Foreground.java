/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ProcessStartException.Reason;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.TerminalControl;
import io.reactorproc.signals.Signal;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The terminal's foreground, for the time in which the children of one run have it, and its way
 * back to whom it belonged. What the terminal is asked and told happens on spawner threads, one
 * thing after the other; all else is on the loop.
 *
 * <pre>
 *   apart --take()--> held --all stopped--> given back --giveAgain()--> held
 *
 *   held or given back --the last one is gone, or none started--> over
 * </pre>
 */
final class Foreground {
  private static final Logger LOG = LoggerFactory.getLogger(Foreground.class);
  private static final int O_RDWR = 2;
  private static final int O_NOCTTY = 0x100;
  private static final byte[] CONTROLLING_TERMINAL = Strings.cPath(Path.of("/dev/tty"));

  /** Who has the terminal of this JVM's session; nobody, while it is the JVM's. */
  private static final AtomicReference<@Nullable Foreground> HOLDER = new AtomicReference<>();

  private final Run run;
  private final Kernel kernel;
  private final TerminalControl terminals = TerminalControl.system();

  // Of the spawner thread that works for this run, one after the other.
  private @Nullable Descriptor terminal;
  private int owner;
  private byte[] modes = {};
  private byte @Nullable [] modesOfTheChildren;

  // Of the loop.
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>(2);
  private boolean busy;

  /** Set on the spawner thread by {@link #take}, before the loop has the run; then on the loop. */
  private boolean held;

  Foreground(Run run) {
    this.run = run;
    this.kernel = run.runtime().kernel();
  }

  /**
   * Remembers whose the terminal is, before the first spawn. On the spawner thread; repeating it
   * for another attempt does nothing.
   */
  void take() throws SystemCallException, ProcessStartException {
    if (terminal != null) {
      return;
    }
    if (!HOLDER.compareAndSet(null, this)) {
      throw new ProcessStartException(
          Reason.TERMINAL,
          run.job().toString(),
          "another child of this JVM is in the foreground of the terminal",
          null);
    }
    held = true;
    int number =
        kernel.open(CONTROLLING_TERMINAL, O_RDWR | O_NOCTTY, 0, "open the controlling terminal");
    terminal = Descriptor.own(kernel, number);
    owner = terminals.foregroundGroup(number);
    modes = terminals.modes(number);
  }

  /** The terminal's descriptor, for the child that leads the group. */
  int terminal() {
    return Objects.requireNonNull(terminal).number();
  }

  /** In place of what the child itself does before it executes, where the C library cannot. */
  void putThereFromHere(int group) throws SystemCallException {
    terminals.setForegroundGroup(terminal(), group);
    // It may have read already, and been stopped for that.
    kernel.kill(-group, Signal.SIGCONT.number());
  }

  /** The children run: they are watched for stops, which come to {@link #stopped}. */
  void watch() {
    for (Part part : run.parts()) {
      if (part.isChild()) {
        part.child().jobState().add(new Watching());
      }
    }
  }

  /** Only there to be one who wants to know. */
  private static final class Watching implements JobState.Listener {
    @Override
    public void stopped(Signal signal) {}

    @Override
    public void continued() {}
  }

  /** A child has stopped, which is not told to others before {@link #settled}. */
  void stopped(Signal signal) {
    if (!held || !allStopped()) {
      return;
    }
    if (held) { // asking the others may have found that out first
      held = false;
      then(this::takeBack, () -> afterStop(signal));
    }
  }

  /** Runs it when what is on its way with the terminal is done; at once where nothing is. */
  void settled(Runnable next) {
    if (busy) {
      then(() -> {}, next);
    } else {
      next.run();
    }
  }

  private boolean allStopped() {
    for (Part part : run.parts()) {
      Member member = part.member();
      if (!member.isReaped() && !member.isStopped()) {
        return false;
      }
    }
    return true;
  }

  /** Ctrl-Z where nobody could ever let them go on: it is as if they had not listened to it. */
  private void afterStop(Signal signal) {
    if (signal == Signal.SIGTSTP && !run.isInTheHandsOfItsUser()) {
      giveAgain(this::goOn, error -> LOG.warn("{} stays stopped", run.job(), error));
    }
  }

  private void goOn() {
    try {
      run.ending().signal(Signal.SIGCONT.number());
    } catch (SystemCallException e) {
      LOG.warn("{} stays stopped", run.job(), e);
    }
  }

  /** Gives the terminal to the children once more, before they are told to go on. */
  void giveAgain(Runnable done, Consumer<Throwable> refused) {
    if (held) {
      done.run();
      return;
    }
    if (!HOLDER.compareAndSet(null, this)) {
      refused.accept(
          new IllegalStateException(
              "another child of this JVM is in the foreground of the terminal now"));
      return;
    }
    held = true;
    then(this::give, done);
  }

  /** A child is gone; with the last one the terminal goes back before that is told. */
  void childGone(Runnable told) {
    for (Part part : run.parts()) {
      if (!part.member().isReaped()) {
        told.run();
        return;
      }
    }
    end(told);
  }

  /** Nothing of the run has the terminal any more. */
  void end(Runnable told) {
    boolean back = held;
    held = false;
    then(
        () -> {
          if (back) {
            takeBack();
          }
          close();
        },
        told);
  }

  private void then(Runnable work, Runnable next) {
    waiting.add(() -> Spawner.shared().submit(arena -> perform(work, next)));
    if (!busy) {
      busy = true;
      waiting.remove().run();
    }
  }

  /** On a spawner thread. */
  private void perform(Runnable work, Runnable next) {
    try {
      work.run();
    } finally {
      Runnable onLoop =
          () -> {
            // Not busy any more for what is next, unless it has to queue up behind others.
            Runnable following = waiting.poll();
            busy = following != null;
            next.run();
            if (following != null) {
              following.run();
            }
          };
      try {
        run.loop().execute(onLoop);
      } catch (RejectedExecutionException e) {
        onLoop.run(); // the loop is gone, so that no other thread is in this run
      }
    }
  }

  private void give() {
    Descriptor open = terminal;
    if (open == null) {
      return;
    }
    try {
      owner = terminals.foregroundGroup(open.number());
      modes = terminals.modes(open.number());
      if (modesOfTheChildren != null) {
        terminals.setModes(open.number(), modesOfTheChildren);
      }
      terminals.setForegroundGroup(open.number(), group());
    } catch (SystemCallException e) {
      LOG.debug("the terminal is not given to {}", run.job(), e);
    }
  }

  private int group() {
    for (Part part : run.parts()) {
      if (part.isChild()) {
        return part.child().group();
      }
    }
    throw new IllegalStateException("a run without a child has no foreground");
  }

  private void takeBack() {
    Descriptor open = terminal;
    try {
      if (open != null) {
        modesOfTheChildren = terminals.modes(open.number());
        restore(open.number());
      }
    } catch (SystemCallException e) {
      // EIO of a terminal that was hung up: there is nothing left to be restored.
      LOG.debug("the terminal cannot be given back", e);
    } finally {
      HOLDER.compareAndSet(this, null);
    }
  }

  private void restore(int fd) throws SystemCallException {
    int now = terminals.foregroundGroup(fd);
    int ours = kernel.processGroup(0);
    if (now != owner && (now == ours || now == kernel.processGroup(terminals.session(fd)))) {
      return; // the shell has taken it meanwhile, or given it to us, with modes of its own
    }
    if (now != owner) {
      try {
        terminals.setForegroundGroup(fd, owner);
      } catch (SystemCallException e) {
        terminals.setForegroundGroup(fd, ours); // whose it was is gone: ours
      }
    }
    if (!Arrays.equals(modes, terminals.modes(fd))) {
      terminals.setModes(fd, modes);
    }
  }

  private void close() {
    Descriptor open = terminal;
    if (open != null) {
      terminal = null;
      open.close();
    }
    HOLDER.compareAndSet(this, null);
  }
}
