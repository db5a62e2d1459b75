/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.guard;

import io.reactorproc.ProcessRuntime;
import io.reactorproc.ipc.sys.Capabilities;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.ProcessDuties;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.WaitResult;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The duties of a parent towards processes that it did not start. What a child leaves behind when
 * it ends goes to pid 1, or to the nearest ancestor that asked for it ({@code
 * PR_SET_CHILD_SUBREAPER}); there it stays as a zombie after its own end until it is waited for.
 * This makes the JVM such an ancestor, and reaps; a JVM that is pid 1, as in a container, is one
 * anyway.
 *
 * <p>A foreign {@code waitpid(-1)} takes the statuses that {@code java.lang.Process} and others
 * wait for. So nothing here waits for any child: zombies are looked for in {@code /proc}, and only
 * one that is certainly an orphan is reaped, by its pidfd. An orphan of which nobody knows is told
 * from a child that others in this JVM started by
 *
 * <ul>
 *   <li>its process group, which was made for one of our children and is led by another process,
 *   <li>or its cgroup, which was made for one of our children
 * </ul>
 *
 * and by none of them having been started here: spawns under way are waited for. With {@link
 * #adopt()} that is all that is reaped. What left its group ({@code setsid}) from a child without a
 * cgroup, and orphans of children that others started, stay zombies. With {@link #adoptAll()} those
 * are reaped, too, as soon as they have been zombies for a second and no thread of {@code
 * java.lang.Process} waits for them. That is right where all other children are those of {@code
 * java.lang.Process}; native code that starts children and is slow to wait for them would lose
 * their statuses.
 *
 * <p>Looked for at a SIGCHLD, not more often than ten times a second, off the event loops; a JVM
 * without zombies is done with one system call. What it costs the JVM to listen to SIGCHLD is told
 * by {@link Signals}.
 */
public final class Orphans implements Disposable {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  /** So long a zombie of others is left to whoever may be about to wait for it. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private static final Duration PAUSE = Duration.ofMillis(100);

  private static final AtomicBoolean ADOPTING = new AtomicBoolean();

  private final boolean all;
  private final Kernel kernel = Kernel.system();
  private final ProcessDuties duties = ProcessDuties.system();
  private final OwnProcesses own = new OwnProcesses(kernel);
  private final Scheduler.Worker worker = Schedulers.boundedElastic().createWorker();
  private final Sinks.Many<Orphan> reaped = Sinks.many().multicast().directBestEffort();
  private final boolean before;
  private final Disposable listening;
  private final Disposable signals;

  /** Whether a look is to come. Any thread. */
  private final AtomicBoolean due = new AtomicBoolean();

  /** Since when, in nanoseconds, somebody else's zombies have been seen. Of the worker. */
  private Map<Zombie, Long> foreign = new HashMap<>();

  private Orphans(boolean all) throws SystemCallException {
    this.all = all;
    this.before = duties.isChildSubreaper();
    this.signals = Signals.on(Signal.SIGCHLD).subscribe(event -> look(PAUSE), this::failed);
    this.listening = ProcessRuntime.listen(own);
    duties.setChildSubreaper(true);
    look(Duration.ZERO); // pid 1 may have some already
  }

  /**
   * Begins to adopt, and reaps those orphans that descend from children of this project.
   *
   * @throws SystemCallException if the kernel refuses
   * @throws IllegalStateException if there is one that is not disposed
   * @throws io.reactorproc.signals.UnsupportedSignalException if this JVM cannot listen to SIGCHLD
   */
  public static Orphans adopt() throws SystemCallException {
    return begin(false);
  }

  /** As {@link #adopt()}, and reaps all other orphans, too: for pid 1. */
  public static Orphans adoptAll() throws SystemCallException {
    return begin(true);
  }

  private static Orphans begin(boolean all) throws SystemCallException {
    if (!ADOPTING.compareAndSet(false, true)) {
      throw new IllegalStateException("this JVM adopts orphans already");
    }
    try {
      return new Orphans(all);
    } catch (SystemCallException | RuntimeException | Error e) {
      ADOPTING.set(false);
      throw e;
    }
  }

  /**
   * Each orphan that is reaped from the subscription on, for any number of subscribers; one that
   * has no demand at that moment misses it. Completes with {@link #dispose()}. On a thread of
   * Reactor's bounded elastic scheduler, which must not be held for long.
   */
  public Flux<Orphan> reaped() {
    return reaped.asFlux();
  }

  private void failed(Throwable error) {
    LOG.error("SIGCHLD cannot be listened to: orphans are not reaped", error);
  }

  private void look(Duration after) {
    if (due.compareAndSet(false, true)) {
      schedule(this::lookNow, after);
    }
  }

  private void schedule(Runnable work, Duration after) {
    try {
      worker.schedule(work, after.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("no look for orphans after the end", e);
    }
  }

  /** On the worker. */
  private void lookNow() {
    due.set(false);
    own.prune();
    if (!duties.hasZombie()) {
      foreign.clear();
      return;
    }
    try {
      List<Zombie> seen = Zombie.all();
      // Asked after the look: what was spawned before it is known once this answers false.
      BooleanSupplier spawning = ProcessRuntime.spawnsUnderWay();
      decide(seen, spawning);
    } catch (IOException e) {
      LOG.warn("/proc cannot be read: orphans are not reaped", e);
    }
  }

  private void decide(List<Zombie> seen, BooleanSupplier spawning) {
    if (spawning.getAsBoolean()) {
      schedule(() -> decide(seen, spawning), Duration.ofMillis(1));
      return;
    }
    long now = System.nanoTime();
    Map<Zombie, Long> still = new HashMap<>();
    boolean waiting = false;
    for (Zombie zombie : seen) {
      if (own.isChild(zombie.pid())) {
        continue;
      }
      if (own.isDescendant(zombie)) {
        reap(zombie);
      } else if (all) {
        long since = foreign.getOrDefault(zombie, now);
        if (now - since < GRACE.toNanos()) {
          still.put(zombie, since);
          waiting = true;
        } else if (JdkReapers.mayWaitFor(zombie.pid())) {
          still.put(zombie, since); // its end will be another SIGCHLD, or was one
        } else {
          reap(zombie);
        }
      }
    }
    foreign = still;
    if (waiting) {
      look(GRACE);
    }
  }

  private void reap(Zombie zombie) {
    try {
      WaitResult result = Capabilities.get().pidfd() ? byPidfd(zombie) : byPid(zombie);
      tell(zombie.pid(), result);
    } catch (SystemCallException e) {
      LOG.debug("orphan {} was gone before", zombie.pid(), e);
    }
  }

  /** With its pidfd in hand, what is in /proc under the number is the process of that pidfd. */
  private WaitResult byPidfd(Zombie zombie) throws SystemCallException {
    int pidfd = kernel.pidfdOpen(zombie.pid());
    try {
      return zombie.isThere() ? kernel.waitFor(true, pidfd, WaitResult.EXITED) : WaitResult.NOTHING;
    } finally {
      kernel.close(pidfd);
    }
  }

  private WaitResult byPid(Zombie zombie) {
    return zombie.isThere()
        ? kernel.waitFor(false, zombie.pid(), WaitResult.EXITED)
        : WaitResult.NOTHING;
  }

  private void tell(int pid, WaitResult result) {
    OptionalInt value = OptionalInt.of(result.value());
    switch (result.kind()) {
      case EXITED -> reaped.tryEmitNext(new Orphan(pid, value, OptionalInt.empty()));
      case KILLED, DUMPED -> reaped.tryEmitNext(new Orphan(pid, OptionalInt.empty(), value));
      case NOTHING, LOST, STOPPED, CONTINUED -> {}
    }
  }

  /** Reaps no more, and adopts no more unless this process did before. */
  @Override
  public void dispose() {
    if (worker.isDisposed()) {
      return;
    }
    signals.dispose();
    listening.dispose();
    worker.dispose();
    reaped.tryEmitComplete();
    try {
      duties.setChildSubreaper(before);
    } catch (SystemCallException e) {
      LOG.warn("orphans will still come to this JVM", e);
    }
    ADOPTING.set(false);
  }

  @Override
  public boolean isDisposed() {
    return worker.isDisposed();
  }
}
