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
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One child from its spawn to the last of its output: who watches it, its ports, its end. Lives on
 * one event loop; fields without a comment are touched on that loop only.
 *
 * <pre>
 *   spawned --attach()--> running --exit--> reaped --every output ended--> finished
 * </pre>
 */
final class Child implements ExitWatch.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Child.class);
  private static final int SIGKILL = 9;

  private final Part part;
  private final Run run;
  private final Settings settings;
  private final Kernel kernel;
  private final IoEventLoop loop;
  private final int pid;
  private final int group;
  private final Instant started;
  private final long startNanos;
  private final List<@Nullable Descriptor> ends;
  private final List<OutputPort> outputs = new ArrayList<>(2);
  private final List<InputPort> inputs = new ArrayList<>(1);
  private @Nullable TapPort tap;
  private @Nullable Descriptor toTap;
  private ExitWatch watch;
  private @Nullable Ladder ladder;
  private @Nullable ExitStatus status;
  private boolean ported;
  private boolean attached;
  private boolean finished;
  private long lastOutputNanos;

  /** The pid until the reap, then 0. Any thread reads. */
  private volatile int livePid;

  Child(
      Part part,
      ExitWatch watch,
      int pid,
      int group,
      List<@Nullable Descriptor> ends,
      Instant started,
      long startNanos) {
    this.part = part;
    this.run = part.run();
    this.settings = part.settings();
    this.kernel = run.runtime().kernel();
    this.loop = run.loop();
    this.watch = watch;
    this.pid = pid;
    this.group = group;
    this.ends = ends;
    this.started = started;
    this.startNanos = startNanos;
    this.livePid = pid;
    this.lastOutputNanos = startNanos;
    part.spawned(this);
    run.runtime().living().add(this);
  }

  /**
   * Attaches the child to its loop.
   *
   * @throws SystemCallException if epoll refuses a descriptor; {@link #endUnattached} follows
   */
  void attach() throws SystemCallException {
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
    watch.start(this);
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
    List<Port> ports = part.ports();
    ported = true;
    for (int i = 0; i < ports.size(); i++) {
      Descriptor end = ends.get(i);
      Port port = ports.get(i);
      if (port.end() instanceof Wiring.OutputPipe pipe && end != null) {
        Medium medium = settings.pipeCapacity == 0 ? Medium.PIPE : Medium.PIPE_OF_FIXED_SIZE;
        outputs.add(new OutputPort(this, kernel, loop, port.descriptor(), pipe, end, medium));
      } else if (port.end() instanceof Wiring.InputPipe pipe && end != null) {
        inputs.add(new InputPort(loop, port.descriptor(), pipe.from(), end));
      } else if (port.end() instanceof Wiring.StageInput stage && end != null) {
        InputPort input = new InputPort(loop, port.descriptor(), part.fromJava(stage), end);
        input.queue().whenClosed(part::inputClosed);
        inputs.add(input);
      } else if (port.end() instanceof Wiring.TapInput input && end != null) {
        tap = new TapPort(part, input.stage(), part.before().child().takeToTap(), end);
      } else if (port.end() instanceof Wiring.ToTap && end != null) {
        toTap = end;
      }
    }
  }

  /** Hands over our end of the pipe that a tap moves on. */
  private Descriptor takeToTap() {
    Descriptor taken = Objects.requireNonNull(toTap);
    toTap = null;
    return taken;
  }

  /**
   * The start failed, of this child or of one that belongs to it: it is killed, and reaped by
   * asking for it now and then, as the failure may be that of watching it.
   *
   * @param gone runs when it is reaped; not within this call
   */
  void endUnattached(Runnable gone) {
    attached = false;
    hangUp();
    if (!ported) {
      closeEnds();
    }
    watch.stop();
    TimedWatch fallback = new TimedWatch(kernel, loop, pid);
    watch = fallback;
    fallback.start(
        result -> {
          forget();
          gone.run();
        });
    try {
      ProcessGroup.signal(kernel, List.of(this), SIGKILL);
    } catch (SystemCallException e) {
      LOG.error("child {} could not be watched, and not be ended", pid, e);
    }
  }

  /** The loop is gone before it ever had this child: closes what is open. On a spawner thread. */
  void discard() {
    closeEnds();
    watch.stop();
    forget();
  }

  private void closeEnds() {
    for (Descriptor end : ends) {
      if (end != null) {
        end.close();
      }
    }
  }

  private void forget() {
    livePid = 0;
    run.runtime().living().remove(this);
  }

  @Override
  public void onGoing() {
    run.childGoing(this);
  }

  @Override
  public void onExit(WaitResult result) {
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
      run.childFinished();
    }
  }

  void inputFailed(Throwable error) {
    if (!isReaped()) {
      run.fail(ProcessExitException.Reason.INPUT, part, error);
    }
  }

  void outputTargetFailed(Throwable error) {
    run.fail(ProcessExitException.Reason.OUTPUT, part, error);
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
    if (tap != null) {
      tap.close();
    }
    if (toTap != null) {
      toTap.close();
    }
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

  /** Signals the child's process group or, where it shares that with other stages, the child. */
  boolean signalGroup(int signal) throws SystemCallException {
    return run.parts().size() == 1
        ? ProcessGroup.signal(kernel, List.of(this), signal)
        : signal(signal);
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

  /** The group that it was started in; 0 for that of the JVM. */
  int group() {
    return group;
  }

  /** What it is started for. */
  Part part() {
    return part;
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
