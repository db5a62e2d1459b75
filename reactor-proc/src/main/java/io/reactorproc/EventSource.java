/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * One output of a child on its way into the stream of events, one element at a time. On the loop.
 */
final class EventSource implements CoreSubscriber<ProcessEvent> {
  private final EventsRun<?> run;
  private final Part part;
  private final OutputPort output;
  private final Flux<ProcessEvent> events;
  private @Nullable Subscription upstream;
  private boolean asked;
  private boolean over;

  EventSource(EventsRun<?> run, Part part, OutputPort output, Flux<ProcessEvent> events) {
    this.run = run;
    this.part = part;
    this.output = output;
    this.events = events;
  }

  /** Whose output it is. */
  Part part() {
    return part;
  }

  void begin() {
    events.subscribe(this);
  }

  /** Requests one element, unless one is on its way; false where nothing was asked. */
  boolean askForOne() {
    Subscription from = upstream;
    if (over || asked || from == null) {
      return false;
    }
    asked = true;
    from.request(1);
    return true;
  }

  boolean isOver() {
    return over;
  }

  /** Ended, or seen empty after the exit with nothing held back on the way. */
  boolean hasGivenAllOfTheChild() {
    return over || (output.isDrained() && asked);
  }

  /** Our end of this output was closed by us: decoders let go of what they hold. */
  void outputCancelled(OutputPort closed) {
    if (closed == output && letGo()) {
      run.sourceEnded(part, output);
    }
  }

  /** Ends it without a word; also after the end of the output, lines of which may still wait. */
  boolean letGo() {
    if (over) {
      return false;
    }
    over = true;
    Subscription from = upstream;
    if (from != null) {
      from.cancel();
    }
    return true;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    upstream = subscription;
  }

  @Override
  public void onNext(ProcessEvent event) {
    asked = false;
    run.add(part, event);
  }

  @Override
  public void onError(Throwable error) {
    over = true;
    if (output.failure() == null) {
      run.sourceFailed(error); // a line too long, or malformed text
    } else {
      run.sourceEnded(part, output);
    }
  }

  @Override
  public void onComplete() {
    over = true;
    run.sourceEnded(part, output);
  }
}
