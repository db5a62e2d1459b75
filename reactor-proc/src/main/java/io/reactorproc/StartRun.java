/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.ChannelFlux;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Sinks;

/**
 * Runs a command with a handle in its user's hands. Until the handle is delivered the child is ours
 * to end at a cancel, from then on it is the user's; one atomic state decides which.
 *
 * <pre>
 *   IDLE --request--> REQUESTED --started--> DELIVERED
 *    |                                           ^
 *    `--started--> READY ---------request--------'      any but DELIVERED --cancel--> CANCELLED
 * </pre>
 */
final class StartRun extends Run implements Subscription {
  private enum State {
    IDLE,
    REQUESTED,
    READY,
    DELIVERED,
    CANCELLED
  }

  private final CoreSubscriber<? super RunningProcess> actual;
  private final Sinks.One<ExitStatus> exit = Sinks.one();
  private final Map<Integer, ChannelFlux> streams = new HashMap<>(4);

  /** Any thread. */
  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

  /** Set on the loop before {@link State#READY}, so that a request sees it. */
  private @Nullable RunningProcess handle;

  private boolean exitSaid;

  StartRun(Command command, CoreSubscriber<? super RunningProcess> actual) {
    super(command, Wiring.Mode.START);
    this.actual = actual;
  }

  @Override
  ByteReceiver receiver(Child owner, OutputPort output) {
    ChannelFlux flux =
        new ChannelFlux(loop()) {
          @Override
          protected void onCancelled() {
            output.cancel();
          }
        };
    flux.bind(output.control());
    streams.put(output.descriptor, flux);
    return flux;
  }

  @Override
  void failedToStart(Throwable error) {
    if (state.getAndSet(State.DELIVERED) != State.CANCELLED) {
      actual.onError(error);
    }
  }

  @Override
  void started(Child running) {
    RunningProcess made = new RunningProcess(command(), running, streams, exit);
    handle = made;
    if (state.compareAndSet(State.IDLE, State.READY)) {
      return;
    }
    if (state.compareAndSet(State.REQUESTED, State.DELIVERED)) {
      deliver(made);
    }
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      if (cancelled()) {
        actual.onError(new IllegalArgumentException("§3.9: demand must be positive: " + n));
      }
      return;
    }
    if (state.compareAndSet(State.IDLE, State.REQUESTED)) {
      return;
    }
    RunningProcess made = handle;
    if (made != null && state.compareAndSet(State.READY, State.DELIVERED)) {
      loop().execute(() -> deliver(made));
    }
  }

  private void deliver(RunningProcess made) {
    actual.onNext(made);
    actual.onComplete();
  }

  @Override
  public void cancel() {
    cancelled();
  }

  /** Whether this call cancelled the run, which it does not once the handle is out. */
  private boolean cancelled() {
    for (; ; ) {
      State now = state.get();
      if (now == State.DELIVERED || now == State.CANCELLED) {
        return false;
      }
      if (state.compareAndSet(now, State.CANCELLED)) {
        cancelRun();
        return true;
      }
    }
  }

  @Override
  void progressed() {
    Child running = childOrNull();
    if (running != null && running.isReaped() && !exitSaid) {
      exitSaid = true;
      Throwable error = verdict(ExitPolicy.any(), null);
      if (error == null) {
        exit.tryEmitValue(status());
      } else {
        exit.tryEmitError(error);
      }
    }
  }

  @Override
  void finished() {}
}
