/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.cgroup.Cgroup;
import io.reactorproc.cgroup.CgroupException;
import io.reactorproc.cgroup.Cgroups;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The start of a run's children: prepare all, spawn one after the other, hand over to the loop.
 * Runs on a spawner thread and may block. All or nothing: whatever can be found out before the
 * first spawn is, and a failure at any step, of any child, leaves nothing behind and reaches the
 * run as one {@link ProcessStartException}.
 *
 * <p>Nobody is reaped before the last one is spawned, as the watches begin only then: the first is
 * there, if only as a zombie, for the others to join its process group.
 */
final class Launch implements Spawner.Task {
  private static final int MOST_ATTEMPTS = 8;
  private static final long FIRST_PAUSE_MICROS = 4_000;
  private static final String LOOP_IS_GONE = "its event loop is shut down";

  private final Run run;
  private final Kernel kernel;
  private final IoEventLoop loop;

  /** Prepared and not yet spawned. */
  private final ArrayDeque<MemberStart> prepared = new ArrayDeque<>(2);

  private final List<Member> started;
  private final MemoryInputs memory;

  /** Of which child a failure is. */
  private @Nullable MemberStart current;

  private int attempts;

  /** How many children have not said yet that they run their programs. On the loop. */
  private int shut;

  private boolean failed;

  /** How many of the children that were started in vain are not yet reaped. On the loop. */
  private int ending;

  Launch(Run run) {
    this.run = run;
    this.kernel = run.runtime().kernel();
    this.loop = run.loop();
    this.started = new ArrayList<>(run.parts().size());
    this.memory = new MemoryInputs(run);
  }

  /** Begins it; any thread. */
  void begin() {
    memory.fillThen(() -> Spawner.shared().submit(this));
  }

  @Override
  public void run(SpawnArena arena) {
    try {
      if (run.isCancelled()) {
        fail(refused("it was cancelled", null));
      } else {
        launch(arena);
      }
    } catch (RuntimeException | Error e) {
      fail(e); // also where the failure of a failure could not be told: somebody waits for it
    }
  }

  private void launch(SpawnArena arena) {
    try {
      if (prepared.isEmpty()) {
        prepare();
      }
      while (!prepared.isEmpty()) {
        MemberStart next = prepared.element();
        current = next;
        started.add(spawn(next, arena));
        prepared.remove().close();
      }
      memory.close();
      handOver();
    } catch (SystemCallException e) {
      MemberStart failed = Objects.requireNonNull(current);
      if (failed.mayPass(e) && ++attempts < MOST_ATTEMPTS) {
        if (started.isEmpty()) {
          closePrepared();
        }
        Later.run(loop, pauseMicros(), () -> Spawner.shared().submit(this));
      } else {
        fail(failed.explain(e));
      }
    } catch (UncheckedIOException e) {
      fail(refused("the system refuses: " + e.getMessage(), e));
    } catch (ProcessStartException e) {
      fail(e);
    }
  }

  private void prepare() throws SystemCallException, ProcessStartException {
    if (loop.isShuttingDown()) {
      throw refused(LOOP_IS_GONE, null);
    }
    if (run.runtime().gate().isClosed() && run.settings().life != Settings.Life.DETACHED) {
      throw shutDown();
    }
    Foreground foreground = run.foreground();
    if (foreground != null) {
      try {
        foreground.take();
      } catch (SystemCallException e) {
        throw StartStep.FOREGROUND.explain(run.parts().get(0), kernel, e);
      }
    }
    makeCgroup();
    Descriptor joint = null; // owned by the start that it is given to
    for (Part part : run.parts()) {
      MemberStart start = MemberStart.of(part, joint, memory);
      prepared.add(start);
      current = start;
      start.prepare();
      joint = start.takeToNext();
    }
  }

  private void makeCgroup() throws ProcessStartException {
    Cgroups place = run.settings().cgroups;
    if (place == null || run.cgroup() != null) {
      return;
    }
    try {
      boolean detached = run.settings().life == Settings.Life.DETACHED;
      run.placed(RunCgroup.make(place, detached, loop));
    } catch (CgroupException e) {
      throw new ProcessStartException(
          ProcessStartException.Reason.CGROUP, run.job().toString(), e.getMessage() + "", e);
    }
  }

  private Member spawn(MemberStart start, SpawnArena arena)
      throws SystemCallException, ProcessStartException {
    if (run.settings().life == Settings.Life.DETACHED) {
      return start.spawn(arena, leader());
    }
    StartGate gate = run.runtime().gate();
    if (!gate.enter()) {
      throw shutDown();
    }
    try {
      return start.spawn(arena, leader());
    } finally {
      gate.leave();
      run.runtime().changed();
    }
  }

  /** The first child leads the group; 0 where there is none yet. */
  private int leader() {
    for (Member member : started) {
      if (member.pid() != 0) {
        return member.pid();
      }
    }
    return 0;
  }

  /** From here on the children are their loop's. */
  private void handOver() throws ProcessStartException {
    try {
      loop.execute(this::attach);
    } catch (RejectedExecutionException e) {
      throw refused(LOOP_IS_GONE, e);
    }
  }

  /** Waits for those whose program is not certain to run; most often there are none. */
  private void attach() {
    if (run.cgroup() == null) {
      attachAll();
      return;
    }
    List<Member> gated = started.stream().filter(member -> member.gate() != null).toList();
    shut = gated.size();
    if (gated.isEmpty()) {
      attachAll();
    }
    for (Member member : gated) {
      if (failed) {
        return;
      }
      try {
        Objects.requireNonNull(member.gate()).await(code -> passed(member, code));
      } catch (SystemCallException e) {
        failed = true;
        end(StartStep.WATCH.explain(member.part(), kernel, e));
      }
    }
  }

  private void passed(Member member, int code) {
    if (failed) {
      return;
    }
    if (code != ExecGate.OPEN) {
      failed = true;
      // To say what was wrong takes a look at the file, which is not for the loop.
      Spawner.shared().submit(arena -> fail(explain(member.part(), code)));
    } else if (--shut == 0) {
      attachAll();
    }
  }

  private ProcessStartException explain(Part part, int code) {
    Cgroup cgroup = Objects.requireNonNull(run.cgroup()).cgroup();
    Exception failure = CgroupEntry.failure(code, cgroup);
    return failure instanceof SystemCallException call
        ? StartStep.SPAWN.explain(part, kernel, call)
        : new ProcessStartException(
            ProcessStartException.Reason.CGROUP, part, failure.getMessage() + "", failure);
  }

  /** All descriptors of all children, in one task on the loop. */
  private void attachAll() {
    for (Member member : started) {
      try {
        member.attach();
      } catch (SystemCallException e) {
        end(StartStep.WATCH.explain(member.part(), kernel, e));
        return;
      } catch (RuntimeException | Error e) {
        end(e);
        return;
      }
    }
    run.launched();
    started.forEach(Member::feed);
  }

  private void fail(Throwable error) {
    closePrepared();
    memory.close();
    try {
      loop.execute(() -> end(error));
    } catch (RejectedExecutionException e) {
      for (Member member : started) {
        member.discard();
      }
      run.notStarted(error); // the loop is gone, so that no other thread is in this run
    }
  }

  private void closePrepared() {
    prepared.forEach(MemberStart::close);
    prepared.clear();
  }

  /** Ends the children that were started already; then the failure is told. On the loop. */
  private void end(Throwable error) {
    ending = started.size();
    if (ending == 0) {
      run.notStarted(error);
    }
    for (Member member : started) {
      member.endUnattached(
          () -> {
            if (--ending == 0) {
              run.notStarted(error);
            }
          });
    }
  }

  private ProcessStartException refused(String why, @Nullable Exception cause) {
    return new ProcessStartException(
        ProcessStartException.Reason.SYSTEM, run.job().toString(), why, cause);
  }

  private ProcessStartException shutDown() {
    return new ProcessStartException(
        ProcessStartException.Reason.SHUTDOWN,
        run.job().toString(),
        "its runtime is shut down; only detached() children are started from now on",
        null);
  }

  private long pauseMicros() {
    long most = FIRST_PAUSE_MICROS << attempts;
    return most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
  }
}
