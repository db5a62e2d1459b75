/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.guard;

import io.reactorproc.Command;
import io.reactorproc.LentDescriptor;
import io.reactorproc.Output;
import io.reactorproc.ProcessRuntime;
import io.reactorproc.RunningProcess;
import io.reactorproc.Stdin;
import io.reactorproc.Termination;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.PipeEnds;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Ends the children of this JVM when it dies without doing so itself: {@code kill -9}, the
 * out-of-memory killer, {@code Runtime.halt}, a crash. A small {@code sh} waits for the end of a
 * pipe that only this JVM holds open, and then kills
 *
 * <ul>
 *   <li>all that is in the {@linkplain Command#cgroup cgroups} of children, whatever it did to get
 *       away,
 *   <li>of children without one the process group. What left that group, as by {@code setsid},
 *       stays, and so does what a child left behind that had ended before.
 * </ul>
 *
 * <p>{@linkplain Command#detached() Detached} children stay, with theirs. One guard serves all
 * children of the JVM, those that live already included. It has a session of its own, {@code /} as
 * its directory, no descriptor but the pipe, and ignores what a terminal or an impatient operator
 * sends; if it is killed nevertheless, another takes its place. It ends with the JVM, or when it is
 * disposed.
 *
 * <p>A child without a cgroup is told to the guard right after its spawn; one that is just being
 * spawned when the JVM dies, at most one for each spawner thread, is not known to it.
 */
public final class Guard implements Disposable {
  private static final Logger LOG = LoggerFactory.getLogger(Guard.class);
  private static final int LEAST = 3;

  /** So much that a guard which is that far behind does not run at all: some 100,000 lines. */
  private static final int CAPACITY = 1 << 20;

  /** So many that die one after the other, each younger than this, have something against them. */
  private static final int MOST_INFANTS = 5;

  private static final Duration INFANCY = Duration.ofSeconds(1);

  private static @Nullable Guard current;

  private final GuardLine line = new GuardLine(this::replace);
  private final ProcessRuntime runtime = ProcessRuntime.on(EventLoops.shared());
  private final Sinks.One<Guard> ready = Sinks.one();
  private final Sinks.Empty<Void> ended = Sinks.empty();
  private final Disposable listening;

  /** Under the lock of this object. */
  private @Nullable RunningProcess process;

  private boolean disposed;
  private int infants;

  private Guard() {
    listening = ProcessRuntime.listen(line);
  }

  /**
   * The guard of this JVM, started with the first subscription.
   *
   * <ul>
   *   <li><b>Start:</b> as that of any child; delivered when it runs.
   *   <li><b>Repeating</b> answers the same guard, until it is disposed; then there is a new one.
   *   <li><b>Cancel</b> takes nothing back.
   *   <li><b>Error:</b> {@link io.reactorproc.ProcessStartException} where there is no {@code sh},
   *       {@link SystemCallException} where there is no descriptor for the pipe.
   *   <li><b>Thread:</b> an event loop.
   * </ul>
   */
  public static Mono<Guard> start() {
    return Mono.defer(Guard::shared);
  }

  private static synchronized Mono<Guard> shared() {
    Guard guard = current;
    if (guard == null || guard.isDisposed()) {
      current = guard = new Guard();
      guard.launch();
    }
    return guard.ready.asMono();
  }

  private void launch() {
    Descriptor read = null;
    try {
      Kernel kernel = Kernel.system();
      long ends = kernel.pipe("make the pipe of the guard");
      read = aside(kernel, PipeEnds.readEnd(ends));
      Descriptor write = aside(kernel, PipeEnds.writeEnd(ends));
      kernel.setNewPipeNonBlocking(write.number(), "tell the guard");
      kernel.setPipeCapacity(write.number(), CAPACITY); // a refusal leaves the default
      line.connect(write);
    } catch (SystemCallException e) {
      if (read != null) {
        read.close();
      }
      failed(e);
      return;
    }
    LentDescriptor lent = new LentDescriptor(read);
    command(lent).start().doFinally(end -> lent.close()).subscribe(this::runs, this::failed);
  }

  private static Descriptor aside(Kernel kernel, int number) throws SystemCallException {
    if (number >= LEAST) {
      return Descriptor.own(kernel, number);
    }
    try {
      return Descriptor.own(kernel, kernel.duplicate(number, LEAST, "move a descriptor away"));
    } finally {
      kernel.close(number);
    }
  }

  private Command command(LentDescriptor lifePipe) {
    return Command.of("/bin/sh", "-c", GuardScript.TEXT)
        .argv0("reactor-proc-guard")
        .clearEnv()
        .env("PATH", "/usr/bin:/bin")
        .directory(Path.of("/"))
        .newSession()
        .detached()
        .stdin(Stdin.lent(lifePipe))
        .stdout(Output.discard())
        .stderr(Output.discard())
        .termination(Termination.kill())
        .on(runtime);
  }

  private void runs(RunningProcess started) {
    long begin = System.nanoTime();
    boolean unwanted;
    synchronized (this) {
      process = started;
      unwanted = disposed;
    }
    started.exit().subscribe(status -> gone(begin), error -> gone(begin));
    if (unwanted && !line.dismiss()) {
      started.terminate();
    } else if (line.isBroken()) {
      replace(); // there was nobody to be replaced when that was found
    }
    ready.tryEmitValue(this);
  }

  private void gone(long begin) {
    line.close();
    boolean hopeless;
    synchronized (this) {
      process = null;
      infants = System.nanoTime() - begin < INFANCY.toNanos() ? infants + 1 : 0;
      hopeless = infants >= MOST_INFANTS;
    }
    if (isDisposed()) {
      ended.tryEmitEmpty();
    } else if (hopeless) {
      LOG.error("{} guards of this JVM ended at once: there is none any more", MOST_INFANTS);
      failed(new IllegalStateException("each guard ended at once"));
    } else {
      LOG.warn("the guard of this JVM was killed: another one takes its place");
      launch();
    }
  }

  /** It does not read what it is told: what it knows is wrong from now on, and it has to go. */
  private void replace() {
    RunningProcess useless;
    synchronized (this) {
      useless = process;
    }
    if (useless != null) {
      useless.terminate();
    }
  }

  private void failed(Throwable error) {
    synchronized (this) {
      disposed = true;
    }
    listening.dispose();
    line.close();
    ready.tryEmitError(error);
    ended.tryEmitEmpty();
  }

  /** Its pid; empty where there is none at the moment. */
  public synchronized OptionalInt pid() {
    return process == null ? OptionalInt.empty() : process.pid();
  }

  /** Completes when it was disposed and its process is gone. */
  public Mono<Void> ended() {
    return ended.asMono();
  }

  /** Ends the guard: from now on nobody looks after the children of a JVM that dies. */
  @Override
  public void dispose() {
    RunningProcess last;
    synchronized (this) {
      if (disposed) {
        return;
      }
      disposed = true;
      last = process;
    }
    listening.dispose();
    if (last != null && !line.dismiss()) {
      last.terminate();
    }
  }

  @Override
  public synchronized boolean isDisposed() {
    return disposed;
  }

  @Override
  public String toString() {
    OptionalInt pid = pid();
    return "Guard[" + (pid.isPresent() ? "pid " + pid.getAsInt() : "not running") + "]";
  }
}
