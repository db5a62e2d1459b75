/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.Wiring.Port;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SpawnRequest;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.WaitResult;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The start of one child: prepare, spawn, hand over to the loop. Runs on a spawner thread and may
 * block. A failure at any step leaves nothing behind and reaches the run as one {@link
 * ProcessStartException}.
 */
final class Launch implements Spawner.Task {
  private static final int MOST_ATTEMPTS = 8;
  private static final long FIRST_PAUSE_MICROS = 4_000;
  private static final String LOOP_IS_GONE = "its event loop is shut down";

  private static final int SIGKILL = 9;
  private static final int O_WRONLY = 1;
  private static final int O_CREAT = 0x40;
  private static final int O_TRUNC = 0x200;
  private static final int O_APPEND = 0x400;
  private static final int FILE_MODE = 0666;

  private final Run run;
  private final Settings settings;
  private final Kernel kernel;
  private final IoEventLoop loop;
  private int attempts;

  /** What is being done, for the reason of a failure. */
  private StartStep step = StartStep.EXECUTABLE;

  Launch(Run run) {
    this.run = run;
    this.settings = run.settings();
    this.kernel = run.runtime().kernel();
    this.loop = run.loop();
  }

  @Override
  public void run(SpawnArena arena) {
    if (run.isCancelled()) {
      return;
    }
    try {
      handOver(start(arena));
    } catch (SystemCallException e) {
      if (mayPass(e) && ++attempts < MOST_ATTEMPTS) {
        Later.run(loop, pauseMicros(), () -> Spawner.shared().submit(this));
      } else {
        fail(step.explain(run.command(), kernel, e));
      }
    } catch (UncheckedIOException e) {
      fail(refused("the system refuses: " + e.getMessage(), e));
    } catch (ProcessStartException | RuntimeException | Error e) {
      fail(e);
    }
  }

  /** From here on the child is its loop's. */
  private void handOver(Child child) throws ProcessStartException {
    try {
      loop.execute(child);
    } catch (RejectedExecutionException e) {
      child.discard();
      endUnwatched(child.pid());
      throw refused(LOOP_IS_GONE, e);
    }
  }

  private void fail(Throwable error) {
    try {
      loop.execute(() -> run.notStarted(error));
    } catch (RejectedExecutionException e) {
      run.notStarted(error); // the loop is gone, so that no other thread is in this run
    }
  }

  private ProcessStartException refused(String why, @Nullable Exception cause) {
    return new ProcessStartException(
        ProcessStartException.Reason.SYSTEM, run.command().toString(), why, cause);
  }

  /**
   * EAGAIN is a limit of processes that others may leave soon. ETXTBSY means that some thread of
   * this JVM forked while the program's file was open for writing; it is over with that child's
   * exec.
   */
  private boolean mayPass(SystemCallException e) {
    return step == StartStep.SPAWN && (e.is(Errno.EAGAIN) || e.is(Errno.ETXTBSY));
  }

  private long pauseMicros() {
    long most = FIRST_PAUSE_MICROS << attempts;
    return most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
  }

  private Child start(SpawnArena arena) throws SystemCallException, ProcessStartException {
    if (loop.isShuttingDown()) {
      throw refused(LOOP_IS_GONE, null);
    }
    Program program = run.command().program();
    List<Port> ports = run.ports();
    step = StartStep.DIRECTORY;
    checkDirectory(program);
    step = StartStep.EXECUTABLE;
    byte[] path = program.path(kernel);
    step = StartStep.DESCRIPTORS;
    ReserveDescriptor.ensure(kernel);
    int highest = ports.get(ports.size() - 1).descriptor();
    try (OpenEnds ends = new OpenEnds(kernel, Math.max(10, highest + 1))) {
      int[] from = new int[ports.size()];
      int[] to = new int[ports.size()];
      int count = wire(ports, ends, from, to);
      step = StartStep.SPAWN;
      SpawnRequest request =
          new SpawnRequest(
              path,
              program.argv,
              program.environment,
              program.directory,
              Arrays.copyOf(from, count),
              Arrays.copyOf(to, count),
              settings.group == Settings.Group.OWN
                  ? SpawnRequest.Group.OWN
                  : SpawnRequest.Group.INHERITED);
      if (settings.life == Settings.Life.DETACHED) {
        return spawn(request, arena, ends);
      }
      if (!JvmExit.enterStart()) {
        throw refused("the JVM is ending; detached() children may still be started", null);
      }
      try {
        return spawn(request, arena, ends);
      } finally {
        JvmExit.leaveStart();
      }
    }
  }

  private Child spawn(SpawnRequest request, SpawnArena arena, OpenEnds ends)
      throws SystemCallException {
    long startNanos = System.nanoTime();
    int pid = kernel.spawn(request, arena);
    Instant started = Instant.now();
    ends.closeChildEnds();
    step = StartStep.WATCH;
    ExitWatch watch = watch(pid);
    return new Child(run, watch, pid, ends.takeParentEnds(), started, startNanos);
  }

  private void checkDirectory(Program program) throws SystemCallException {
    byte[] directory = program.directory;
    if (directory != null) {
      byte[] withSlash = Arrays.copyOf(directory, directory.length + 1);
      withSlash[directory.length - 1] = '/';
      int error = kernel.executable(withSlash);
      if (error != 0) {
        throw new SystemCallException("access", error, "enter the directory " + settings.directory);
      }
    }
  }

  /** Opens what each port needs; the answer is the number of descriptors to duplicate. */
  private int wire(List<Port> ports, OpenEnds ends, int[] from, int[] to)
      throws SystemCallException {
    int count = 0;
    int stdout = -1;
    for (Port port : ports) {
      int source = source(port, ends, stdout);
      if (port.descriptor() == 1) {
        stdout = source;
      }
      if (source >= 0) {
        from[count] = source;
        to[count++] = port.descriptor();
      }
    }
    return count;
  }

  /** The descriptor of this process that becomes the child's, or -1 for the one of equal number. */
  private int source(Port port, OpenEnds ends, int stdout) throws SystemCallException {
    Wiring.End end = port.end();
    if (end instanceof Wiring.OutputPipe) {
      return ends.outputPipe(settings.pipeCapacity);
    }
    if (end instanceof Wiring.InputPipe) {
      return ends.inputPipe(settings.pipeCapacity);
    }
    if (end instanceof Wiring.File file) {
      step = StartStep.REDIRECT;
      String purpose = "open " + file.path();
      int number = ends.file(Strings.cPath(file.path()), flags(file.access()), FILE_MODE, purpose);
      step = StartStep.DESCRIPTORS;
      return number;
    }
    if (end instanceof Wiring.Lent) {
      return ends.lent(run.lent(port.descriptor()));
    }
    if (end instanceof Wiring.SameAsStdout) {
      ends.none();
      return stdout >= 0 ? stdout : 1;
    }
    if (end instanceof Wiring.Inherited && GivenDescriptors.contain(kernel, port.descriptor())) {
      ends.none();
      return -1;
    }
    // A JVM that was started without this descriptor has none to pass on: the child gets /dev/null.
    return ends.shared(NullDevice.descriptor(kernel));
  }

  private static int flags(Wiring.Access access) {
    return switch (access) {
      case READ -> 0;
      case TRUNCATE -> O_WRONLY | O_CREAT | O_TRUNC;
      case APPEND -> O_WRONLY | O_CREAT | O_APPEND;
    };
  }

  private ExitWatch watch(int pid) throws SystemCallException {
    try {
      return run.runtime().exits().watch(kernel, loop, pid);
    } catch (SystemCallException e) {
      endUnwatched(pid);
      throw e;
    }
  }

  /** A child that nobody can watch is ended and reaped here; after SIGKILL that takes no time. */
  private void endUnwatched(int pid) {
    try {
      kernel.kill(settings.group == Settings.Group.OWN ? -pid : pid, SIGKILL);
    } catch (SystemCallException e) {
      throw new IllegalStateException("child " + pid + " cannot be watched and not be ended", e);
    }
    while (kernel.waitFor(false, pid, WaitResult.EXITED).kind() == WaitResult.Kind.NOTHING) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }
}
