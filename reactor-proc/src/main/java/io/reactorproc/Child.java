/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.Wiring.Port;
import io.reactorproc.ipc.flow.ReadChannel.Medium;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.WaitResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One child from its spawn to the last of its output: who watches it, its ports, its end. Lives on
 * one event loop; fields without a comment are touched on that loop only.
 *
 * <pre>
 *   spawned --attach()--> running --exit--> reaped --every output ended--> finished
 * </pre>
 */
final class Child implements Runnable {
  private static final int SIGKILL = 9;

  private final Run run;
  private final Settings settings;
  private final Kernel kernel;
  private final IoEventLoop loop;
  private final int pid;
  private final Instant started;
  private final long startNanos;
  private final List<@Nullable Descriptor> ends;
  private final List<OutputPort> outputs = new ArrayList<>(2);
  private final List<InputPort> inputs = new ArrayList<>(1);
  private ExitWatch watch;
  private @Nullable Ladder ladder;
  private @Nullable ExitStatus status;
  private boolean attached;
  private boolean finished;
  private long lastOutputNanos;

  /** The pid until the reap, then 0. Any thread reads. */
  private volatile int livePid;

  Child(
      Run run,
      ExitWatch watch,
      int pid,
      List<@Nullable Descriptor> ends,
      Instant started,
      long startNanos) {
    this.run = run;
    this.settings = run.settings();
    this.kernel = run.runtime().kernel();
    this.loop = run.loop();
    this.watch = watch;
    this.pid = pid;
    this.ends = ends;
    this.started = started;
    this.startNanos = startNanos;
    this.livePid = pid;
    this.lastOutputNanos = startNanos;
    run.runtime().living().add(this);
  }

  /** Attaches the child to its loop: all its descriptors in one task. */
  @Override
  public void run() {
    try {
      makePorts();
      for (OutputPort output : outputs) {
        output.open(run.receiver(this, output));
      }
      for (InputPort input : inputs) {
        input.open();
      }
      watch.start(this::exited);
    } catch (SystemCallException e) {
      endUnattached(e);
      return;
    }
    attached = true;
    run.launched(this);
    for (InputPort input : inputs) {
      input.feed(this);
    }
  }

  private void makePorts() {
    List<Port> ports = run.ports();
    for (int i = 0; i < ports.size(); i++) {
      Descriptor end = ends.get(i);
      Port port = ports.get(i);
      if (port.end() instanceof Wiring.OutputPipe pipe && end != null) {
        Medium medium = settings.pipeCapacity == 0 ? Medium.PIPE : Medium.PIPE_OF_FIXED_SIZE;
        outputs.add(new OutputPort(this, kernel, loop, port.descriptor(), pipe, end, medium));
      } else if (port.end() instanceof Wiring.InputPipe pipe && end != null) {
        inputs.add(new InputPort(loop, port.descriptor(), pipe.from(), end));
      }
    }
  }

  /** epoll refused a descriptor: the child is ended, and reaped by asking for it now and then. */
  private void endUnattached(SystemCallException failure) {
    hangUp();
    watch.stop();
    ExitWatch fallback = new TimedWatch(kernel, loop, pid);
    watch = fallback;
    try {
      signalGroup(SIGKILL);
      fallback.start(
          result -> {
            forget();
            run.notStarted(StartStep.WATCH.explain(run.command(), kernel, failure));
          });
    } catch (SystemCallException e) {
      e.addSuppressed(failure);
      run.notStarted(StartStep.WATCH.explain(run.command(), kernel, e));
    }
  }

  /** The loop is gone before it ever had this child: closes what is open. On a spawner thread. */
  void discard() {
    for (Descriptor end : ends) {
      if (end != null) {
        end.close();
      }
    }
    watch.stop();
    forget();
  }

  private void forget() {
    livePid = 0;
    run.runtime().living().remove(this);
  }

  private void exited(WaitResult result) {
    status = new ExitStatus(result, System.nanoTime() - startNanos);
    forget();
    stopLadder();
    for (InputPort input : inputs) {
      input.queue().abort();
    }
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
    watch.outputEnded();
    run.outputEnded(output);
    run.progressed();
    finishIfOver();
  }

  void outputDrained() {
    run.progressed();
  }

  private void finishIfOver() {
    if (!finished && status != null && outputs.stream().allMatch(OutputPort::isEnded)) {
      finished = true;
      run.finished();
    }
  }

  void inputFailed(Throwable error) {
    if (!isReaped()) {
      run.fail(ProcessExitException.Reason.INPUT, error);
    }
  }

  void outputTargetFailed(Throwable error) {
    run.fail(ProcessExitException.Reason.OUTPUT, error);
  }

  void outputSeen() {
    if (settings.idleTimeout != null) {
      lastOutputNanos = System.nanoTime();
    }
  }

  long lastOutputNanos() {
    return lastOutputNanos;
  }

  /** Hangs up, then carries out the command's termination. On the loop; repeating is harmless. */
  void cancel() {
    hangUp();
    terminate(settings.termination);
  }

  /** Closes all our ends of the child's pipes. */
  void hangUp() {
    for (InputPort input : inputs) {
      input.queue().abort();
    }
    for (OutputPort output : outputs) {
      output.cancel();
    }
  }

  /** Starts a ladder, in the place of one that may be on its way. On the loop. */
  void terminate(Termination termination) {
    if (!isReaped()) {
      stopLadder();
      Ladder next = new Ladder(this, loop, termination);
      ladder = next;
      next.climb();
    }
  }

  private void stopLadder() {
    Ladder current = ladder;
    if (current != null) {
      current.stop();
    }
  }

  /** Signals the child; false where it is gone. On the loop. */
  boolean signal(int signal) throws SystemCallException {
    return !isReaped() && watch.signal(signal);
  }

  /**
   * Signals the child's process group. Only while its leader is not reaped, which is a fact on this
   * loop: as long as the zombie is there, the kernel gives the group's number to nobody else.
   */
  boolean signalGroup(int signal) throws SystemCallException {
    if (isReaped()) {
      return false;
    }
    if (settings.group == Settings.Group.INHERITED) {
      return signal(signal);
    }
    // The child may have moved to another group or session, which leaves ours empty.
    return kernel.kill(-pid, signal) || signal(signal);
  }

  WaitResult takeJobChange() {
    return watch.takeJobChange();
  }

  boolean isReaped() {
    return livePid == 0;
  }

  /** The pid until the reap, then 0. Any thread. */
  int pidOrZero() {
    return livePid;
  }

  /** The pid that the child has or had. */
  int pid() {
    return pid;
  }

  Instant started() {
    return started;
  }

  /** How it ended; null until the reap. */
  @Nullable ExitStatus status() {
    return status;
  }

  List<OutputPort> outputs() {
    return outputs;
  }

  @Nullable InputPort input(int descriptor) {
    for (InputPort input : inputs) {
      if (input.descriptor == descriptor) {
        return input;
      }
    }
    return null;
  }

  @Nullable OutputPort output(int descriptor) {
    for (OutputPort output : outputs) {
      if (output.descriptor == descriptor) {
        return output;
      }
    }
    return null;
  }

  Settings settings() {
    return settings;
  }

  IoEventLoop loop() {
    return loop;
  }
}
