/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.Wiring.Port;
import io.reactorproc.ipc.flow.Duplex;
import io.reactorproc.ipc.flow.Medium;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a run has at one of its places, from its start to the last of its output: a {@link Child},
 * or a {@link NestedMember} that is a job of several. Its ports are here, what ends it is below.
 * Lives on one event loop; fields without a comment are touched on that loop only.
 *
 * <pre>
 *   started --attach()--> running --exited()--> gone --every output ended--> finished
 * </pre>
 */
abstract class Member {
  protected final Part part;
  protected final Run run;
  protected final Settings settings;
  protected final Kernel kernel;
  protected final IoEventLoop loop;
  private final long startNanos;
  private final List<@Nullable Descriptor> ends;
  private final List<OutputPort> outputs = new ArrayList<>(2);
  private final List<InputPort> inputs = new ArrayList<>(1);
  private @Nullable TapPort tap;
  private @Nullable Descriptor toTap;
  private @Nullable ExitStatus status;
  private boolean ported;
  private boolean attached;
  private boolean finished;
  private long lastOutputNanos;

  /**
   * A member that was started.
   *
   * @param ends our ends of its pipes, one for each port, null where there is none
   */
  Member(Part part, List<@Nullable Descriptor> ends, long startNanos) {
    this.part = part;
    this.run = part.run();
    this.settings = part.settings();
    this.kernel = run.runtime().kernel();
    this.loop = run.loop();
    this.ends = ends;
    this.startNanos = startNanos;
    this.lastOutputNanos = startNanos;
  }

  /** Begins to look for its end. */
  abstract void watch() throws SystemCallException;

  /** Whether it is gone, and nothing of it is left to be reaped. */
  abstract boolean isReaped();

  /** Signals it; false where it is gone. */
  abstract boolean signal(int signal) throws SystemCallException;

  /** Signals its process group, where no other member is in that; else it alone. */
  boolean signalGroup(int signal) throws SystemCallException {
    return signal(signal);
  }

  /** Whether it leads a session, and so a process group that no other member is in. */
  boolean leadsSession() {
    return false;
  }

  /** Whether it is stopped now, as far as that is known of it. */
  boolean isStopped() {
    return false;
  }

  /** Whether we have stopped it, and nobody has let it go on. */
  boolean isPausedByUs() {
    return false;
  }

  /** It was stopped by us, or is not any more. */
  void pausedByUs(boolean paused) {}

  /** We have sent SIGCONT to it, by itself or with its group. */
  void continueTold() {}

  /** The pid that it has or had; 0 where it is no child. */
  abstract int pid();

  /** The group that it was started in; 0 where that is not one of the run's. */
  abstract int group();

  /** What tells that its program runs, where that is not certain with the spawn. */
  @Nullable ExecGate gate() {
    return null;
  }

  /** The terminal that it runs on, if it has one of its own. */
  @Nullable TerminalPort terminal() {
    return null;
  }

  /** Ends it at once, without a word to the run; see {@link #endUnattached}. */
  abstract void kill(Runnable gone);

  /** The loop is gone before it ever had this member: closes what is open. On a spawner thread. */
  abstract void discard();

  /**
   * Attaches it to its loop.
   *
   * @throws SystemCallException if epoll refuses a descriptor; {@link #endUnattached} follows
   */
  final void attach() throws SystemCallException {
    makePorts();
    for (OutputPort output : outputs) {
      output.open(part.receiver(output));
    }
    for (InputPort input : inputs) {
      input.open();
    }
    if (tap != null) {
      tap.open();
    }
    watch();
    attached = true;
  }

  /** Subscribes to what its inputs are fed from. */
  void feed() {
    for (InputPort input : inputs) {
      input.feed(this);
    }
    if (tap != null) {
      tap.observe();
    }
  }

  private void makePorts() {
    Medium medium = settings.pipeCapacity == 0 ? Medium.PIPE : Medium.PIPE_OF_FIXED_SIZE;
    List<Port> ports = part.ports();
    ported = true;
    for (int i = 0; i < ports.size(); i++) {
      Descriptor end = ends.get(i);
      Port port = ports.get(i);
      if (port.end() instanceof Wiring.OutputPipe pipe && end != null) {
        outputs.add(new OutputPort(this, kernel, loop, port.descriptor(), pipe, end, medium));
      } else if (port.end() instanceof Wiring.InputPipe pipe && end != null) {
        inputs.add(new InputPort(kernel, loop, port.descriptor(), pipe.from(), end, medium));
      } else if (port.end() instanceof Wiring.ChannelSocket && end != null) {
        Duplex socket = new Duplex(run.runtime().sockets(), loop, end);
        outputs.add(new OutputPort(this, loop, port.descriptor(), socket));
        inputs.add(new InputPort(port.descriptor(), socket));
      } else if (port.end() instanceof Wiring.Memory memory && end != null) {
        Stdin pumped = memory.from().pumped();
        inputs.add(new InputPort(kernel, loop, port.descriptor(), pumped, end, medium));
      } else if (port.end() instanceof Wiring.TerminalOutput screen && end != null) {
        outputs.add(terminalOutput(screen, end));
      } else if (port.end() instanceof Wiring.TerminalInput keys && end != null) {
        inputs.add(terminalInput(keys, end));
      } else if (port.end() instanceof Wiring.StageInput stage && end != null) {
        InputPort input =
            new InputPort(kernel, loop, port.descriptor(), part.fromJava(stage), end, medium);
        input.queue().whenClosed(part::inputClosed);
        inputs.add(input);
      } else if (port.end() instanceof Wiring.ToTap) {
        toTap = end;
      } else if (port.end() instanceof Wiring.TapInput input && end != null) {
        tap = new TapPort(part, input.stage(), part.before().member().takeToTap(), end);
      }
    }
  }

  private OutputPort terminalOutput(Wiring.TerminalOutput screen, Descriptor end) {
    OutputPort output = new OutputPort(this, kernel, loop, 1, screen.pipe(), end, Medium.TERMINAL);
    output.onTerminal(Objects.requireNonNull(terminal()));
    if (part.ports().get(2).end() instanceof Wiring.ToTerminal) {
      part.keepExcerpt(output); // what it complains of is in there
    }
    return output;
  }

  private InputPort terminalInput(Wiring.TerminalInput keys, Descriptor end) {
    InputPort input = new InputPort(kernel, loop, 0, keys.from(), end, Medium.TERMINAL);
    input.onTerminal(Objects.requireNonNull(terminal()));
    return input;
  }

  /** Hands over our end of the pipe that a tap moves on. */
  private Descriptor takeToTap() {
    Descriptor taken = Objects.requireNonNull(toTap);
    toTap = null;
    return taken;
  }

  /**
   * The start failed, of this member or of one that belongs to it: it is ended at once.
   *
   * @param gone runs when nothing of it is left; not within this call
   */
  final void endUnattached(Runnable gone) {
    attached = false;
    hangUp();
    if (!ported) {
      closeEnds();
    }
    kill(gone);
  }

  final void closeEnds() {
    for (Descriptor end : ends) {
      if (end != null) {
        end.close();
      }
    }
    closeTerminal();
  }

  private void closeTerminal() {
    TerminalPort terminal = terminal();
    if (terminal != null) {
      terminal.close();
    }
  }

  /** Closes an input; what waits to be written is dropped. */
  final void abortInput(int descriptor) {
    InputPort input = input(descriptor);
    if (input != null) {
      input.queue().abort();
    }
  }

  /** It is gone; its outputs may hold more. */
  final void exited(ExitStatus how) {
    status = how;
    for (InputPort input : inputs) {
      input.queue().abort();
    }
    closeTerminal();
    run.reaped();
    long grace = settings.outputGrace.toNanos();
    for (OutputPort output : outputs) {
      output.channel().writerExited(grace);
    }
    run.progressed();
    finishIfOver();
  }

  void outputEnded(OutputPort output) {
    if (!attached) {
      return;
    }
    run.outputEnded(output);
    run.progressed();
    finishIfOver();
  }

  final void outputDrained() {
    run.progressed();
  }

  private void finishIfOver() {
    if (!finished && status != null && outputs.stream().allMatch(OutputPort::isEnded)) {
      finished = true;
      run.childFinished();
    }
  }

  final void inputFailed(Throwable error) {
    if (!isReaped()) {
      run.fail(ProcessExitException.Reason.INPUT, part, error);
    }
  }

  final void outputTargetFailed(Throwable error) {
    run.fail(ProcessExitException.Reason.OUTPUT, part, error);
  }

  final void outputSeen() {
    if (settings.idleTimeout != null) {
      lastOutputNanos = System.nanoTime();
    }
  }

  final long lastOutputNanos() {
    return lastOutputNanos;
  }

  /** Closes all our ends of its pipes. */
  final void hangUp() {
    for (InputPort input : inputs) {
      input.queue().abort();
    }
    for (OutputPort output : outputs) {
      output.cancel();
    }
    closeTerminal();
    closeTap();
    if (toTap != null) {
      toTap.close();
    }
  }

  /** Ends what flows here through a tap, and its observer. */
  final void closeTap() {
    if (tap != null) {
      tap.close();
    }
  }

  /** For how long it has been there. */
  final long ageNanos() {
    return System.nanoTime() - startNanos;
  }

  /** What it is started for. */
  final Part part() {
    return part;
  }

  /** Whether it is gone and that has been told to the run. */
  final boolean hasEnded() {
    return status != null;
  }

  /** How it ended; null until then. */
  final @Nullable ExitStatus status() {
    return status;
  }

  final List<OutputPort> outputs() {
    return outputs;
  }

  final @Nullable InputPort input(int descriptor) {
    for (InputPort input : inputs) {
      if (input.descriptor == descriptor) {
        return input;
      }
    }
    return null;
  }

  final @Nullable OutputPort output(int descriptor) {
    for (OutputPort output : outputs) {
      if (output.descriptor == descriptor) {
        return output;
      }
    }
    return null;
  }

  final Settings settings() {
    return settings;
  }

  final IoEventLoop loop() {
    return loop;
  }
}
