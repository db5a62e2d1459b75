/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.reactorproc.ClosingState.Phase;
import io.reactorproc.ipc.EventLoops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The end of all children of one runtime, or of all runtimes of this JVM. It happens once: from its
 * beginning on no child is started ({@link ProcessStartException.Reason#SHUTDOWN}); each job that
 * lives is ended by its own {@link Termination}, a pipeline in its {@link EndingOrder}, when no
 * other one that needs it is left; what is left when the patience of the {@link ClosingRules} is
 * over is killed with its process group. {@linkplain Command#detached() Detached} children stay,
 * and may be started.
 *
 * <p>The same happens at the end of the JVM to whatever runs then, by {@link
 * ClosingRules#standard()} unless {@link #atJvmEnd} says otherwise. {@code
 * io.reactorproc.life.Shutdown} makes it from signals.
 */
public final class Closing {
  private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

  /** For what SIGKILL ends at once, unless it hangs in the kernel. */
  private static final Duration LAST_WAIT = Duration.ofSeconds(2);

  private static final Closing ALL = new Closing(Runtimes::close);

  private final Supplier<List<ProcessRuntime>> close;
  private final AtomicReference<@Nullable ClosingRules> rules = new AtomicReference<>();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);

  /** The looks that are due: who raises it from 0 looks. Any thread. */
  private final AtomicInteger due = new AtomicInteger();

  /** Set once, any thread. */
  private volatile boolean kill;

  /** Set once, by a timer. */
  private volatile boolean giveUp;

  /** Under the lock of this object. */
  private final List<ScheduledFuture<?>> timers = new ArrayList<>(2);

  // Of whoever looks.
  private List<ProcessRuntime> runtimes = List.of();
  private final Set<Run> told = new HashSet<>();
  private final Set<Run> killed = new HashSet<>();
  private @Nullable ClosingState last;
  private boolean lastWait;

  private final Sinks.Many<ClosingState> states = Sinks.unsafe().many().replay().latest();

  /**
   * A closing that has not begun.
   *
   * @param close refuses starts from now on, and answers whose children are to be ended
   */
  Closing(Supplier<List<ProcessRuntime>> close) {
    this.close = close;
  }

  /** That of one runtime. */
  public static Closing of(ProcessRuntime runtime) {
    return runtime.closing();
  }

  /** That of all runtimes of this JVM, those that are made later included. */
  public static Closing ofAll() {
    return ALL;
  }

  /**
   * Begins, at once and not at a subscription, unless it has begun: then the rules of the first
   * count. It goes on whether or not anybody subscribes.
   *
   * @return as {@link #states()}
   */
  public Flux<ClosingState> begin(ClosingRules how) {
    if (rules.compareAndSet(null, Objects.requireNonNull(how, "rules"))) {
      begun.countDown();
      runtimes = close.get();
      runtimes.forEach(runtime -> runtime.observe(this::look));
      look();
      if (over.getCount() != 0) {
        after(how.patience(), () -> kill = true);
      }
    }
    return states();
  }

  /**
   * Which jobs are left: the last state to each new subscriber, then each change, to the end. It
   * says nothing before the beginning. A slow subscriber misses states and not the last. Delivered
   * on threads of this project, event loops above all, which must not be blocked. Cancelling
   * changes nothing.
   */
  public Flux<ClosingState> states() {
    return states.asFlux().onBackpressureLatest();
  }

  /** Whether it has begun. */
  public boolean hasBegun() {
    return rules.get() != null;
  }

  /** SIGKILL to the process groups of all that are left, now. Begins where it has not. */
  public void kill() {
    kill = true;
    begin(ClosingRules.standard());
    look();
  }

  /**
   * What happens at the end of the JVM: this closing by these rules, before all others are ended.
   *
   * @param patience how long somebody else, such as a framework that ends its services in order,
   *     has to begin it by then; until it begins, children are started as before
   * @return takes that back
   */
  public Disposable atJvmEnd(ClosingRules how, Duration patience) {
    JvmExit.Declared declared =
        new JvmExit.Declared(
            this,
            Objects.requireNonNull(how, "rules"),
            Durations.checked(patience, "the time to wait for the beginning"));
    JvmExit.declare(declared);
    return () -> JvmExit.withdraw(declared);
  }

  /** Waits for somebody to begin it, begins it, and waits for its end. Blocks. */
  void await(ClosingRules how, Duration patience) throws InterruptedException {
    if (!begun.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
      begin(how);
    }
    ClosingRules counts = Objects.requireNonNull(rules.get());
    Duration most = counts.patience().plus(LAST_WAIT).plus(LAST_WAIT);
    if (!over.await(most.toNanos(), TimeUnit.NANOSECONDS)) {
      LOG.warn("children may be left: the event loop of the shutdown does not run any more");
    }
  }

  private synchronized void after(Duration time, Runnable action) {
    IoEventLoop loop = EventLoops.shared().next();
    timers.add(
        loop.schedule(
            () -> {
              action.run();
              look();
            },
            time.toNanos(),
            TimeUnit.NANOSECONDS));
  }

  private synchronized void stopTimers() {
    timers.forEach(timer -> timer.cancel(false));
    timers.clear();
  }

  /** Something may have changed. Any thread. */
  private void look() {
    if (due.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      try {
        step();
      } catch (RuntimeException | Error e) {
        LOG.error("a look at the children that are left failed", e);
      }
      missed = due.addAndGet(-missed);
    } while (missed != 0);
  }

  private void step() {
    if (over.getCount() == 0) {
      return;
    }
    ClosingRules how = Objects.requireNonNull(rules.get());
    boolean starting = runtimes.stream().anyMatch(runtime -> runtime.gate().isBusy());
    Map<Run, List<Integer>> left = left();
    boolean killing = kill;
    for (Run run : left.keySet()) {
      if (killing) {
        if (killed.add(run)) {
          told.add(run);
          tell(run, Termination.kill());
        }
      } else if (!told.contains(run) && isFree(run, left.keySet(), starting, how)) {
        told.add(run);
        tell(run, null);
      }
    }
    if (killing && !lastWait) {
      lastWait = true;
      after(LAST_WAIT, () -> giveUp = true);
    }
    boolean ended = left.isEmpty() && !starting;
    say(ended || giveUp ? Phase.OVER : killing ? Phase.KILLING : Phase.ENDING, left);
    if (ended || giveUp) {
      finish(left);
    }
  }

  /** Those whose children live, with their pids. */
  private Map<Run, List<Integer>> left() {
    Map<Run, List<Integer>> left = new LinkedHashMap<>();
    for (ProcessRuntime runtime : runtimes) {
      for (Child child : runtime.living()) {
        if (child.settings().life == Settings.Life.WITH_JVM) {
          left.computeIfAbsent(child.part().run(), run -> new ArrayList<>(1)).add(child.pid());
        }
      }
    }
    return left;
  }

  /** Whether nobody who is left, or may be about to start, needs it. */
  private static boolean isFree(Run run, Set<Run> left, boolean starting, ClosingRules how) {
    String name = run.settings().name;
    Set<String> dependants = name == null ? Set.of() : how.dependants(name);
    return dependants.isEmpty()
        || (!starting
            && left.stream()
                .map(other -> other.settings().name)
                .noneMatch(other -> other != null && dependants.contains(other)));
  }

  private static void tell(Run run, @Nullable Termination now) {
    try {
      run.loop().execute(() -> run.shutDown(now));
    } catch (RejectedExecutionException e) {
      LOG.warn("{} stays: its event loop was shut down before it", run.job());
    }
  }

  private void say(Phase phase, Map<Run, List<Integer>> left) {
    List<LivingJob> jobs = new ArrayList<>(left.size());
    left.forEach(
        (run, pids) ->
            jobs.add(
                new LivingJob(
                    run.job(),
                    Optional.ofNullable(run.settings().name),
                    List.copyOf(pids),
                    told.contains(run))));
    ClosingState state = new ClosingState(phase, List.copyOf(jobs));
    if (!state.equals(last)) {
      last = state;
      states.tryEmitNext(state);
    }
  }

  private void finish(Map<Run, List<Integer>> left) {
    left.keySet().forEach(run -> LOG.warn("{} could not be ended", run.job()));
    stopTimers();
    over.countDown();
    states.tryEmitComplete();
  }
}
