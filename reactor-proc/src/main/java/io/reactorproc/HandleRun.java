/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.ChannelFlux;
import io.reactorproc.ipc.flow.StreamEnd;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * Runs a job with a handle in its user's hands. Until the handle is delivered the children are ours
 * to end at a cancel, from then on it is the user's; one atomic state decides which.
 *
 * <pre>
 *   IDLE --request--> REQUESTED --started--> DELIVERED
 *    |                                           ^
 *    `--started--> READY ---------request--------'      any but DELIVERED --cancel--> CANCELLED
 * </pre>
 */
abstract class HandleRun<H> extends Run implements Subscription {
  private enum State {
    IDLE,
    REQUESTED,
    READY,
    DELIVERED,
    CANCELLED
  }

  private final CoreSubscriber<? super H> actual;
  private final Map<Part, Map<Integer, ChannelFlux>> streams = new HashMap<>(2);

  /** Outputs that were closed because the run failed, and whose readers are not told yet. */
  private final List<OutputPort> closed = new ArrayList<>(0);

  /** Any thread. */
  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

  /** Set on the loop before {@link State#READY}, so that a request sees it. */
  private @Nullable H handle;

  HandleRun(Plan plan, CoreSubscriber<? super H> actual) {
    super(plan);
    this.actual = actual;
  }

  /** Makes the handle of the children, which run. */
  abstract H handle();

  /** The outputs of a child that nobody else takes, by descriptor. */
  final Map<Integer, ChannelFlux> streams(Part part) {
    return streams.getOrDefault(part, Map.of());
  }

  @Override
  ByteReceiver receiver(Part part, OutputPort output) {
    ChannelFlux flux =
        new ChannelFlux(loop()) {
          @Override
          protected void onCancelled() {
            output.cancel();
          }
        };
    flux.bind(output.control());
    streams.computeIfAbsent(part, key -> new HashMap<>(4)).put(output.descriptor, flux);
    return flux;
  }

  @Override
  void outputEnded(OutputPort output) {
    if (output.summary().end() != StreamEnd.CANCELLED) {
      return;
    }
    if (hasFailed()) {
      closed.add(output); // its reader learns the reason, which is known at the end
    } else {
      output.tellClosed(
          new CancellationException("the output was closed with its handle, before its end"));
    }
  }

  @Override
  void failedToStart(Throwable error) {
    if (state.getAndSet(State.DELIVERED) != State.CANCELLED) {
      actual.onError(error);
    }
  }

  @Override
  void started() {
    H made = handle();
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
    H made = handle;
    if (made != null && state.compareAndSet(State.READY, State.DELIVERED)) {
      loop().execute(() -> deliver(made));
    }
  }

  private void deliver(H made) {
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
  boolean isInTheHandsOfItsUser() {
    return true;
  }

  @Override
  void finished() {
    if (closed.isEmpty()) {
      return;
    }
    Throwable error = verdict();
    if (error != null) {
      closed.forEach(output -> output.tellClosed(error));
    }
    closed.clear();
  }
}
