/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ProcessEvent.Line;
import io.reactorproc.ProcessEvent.OutputEnded;
import io.reactorproc.ProcessEvent.Started;
import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.ChannelFlux;
import io.reactorproc.ipc.flow.StreamEnd;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * Runs a command or a pipeline with its life and its output in one stream. Everything meets in one
 * queue on the loop. Each output is asked for one element at a time, and only while the subscriber
 * has demand and the queue is empty, so that the queue holds no more than one element of each
 * output and the few events of a life.
 */
final class EventsRun<E> extends Run implements Subscription, Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(EventsRun.class);

  private final CoreSubscriber<? super E> actual;
  private final Tag<E> tag;
  private final Optional<Records> records;

  /** Any thread adds, the loop takes. */
  private final AtomicLong demand = new AtomicLong();

  /** 1 while a run on the loop is due. Any thread sets, the loop clears. */
  private final AtomicInteger due = new AtomicInteger();

  private final ArrayDeque<E> ready = new ArrayDeque<>(4);
  private final List<PartEvents> lives = new ArrayList<>(1);
  private final List<EventSource> sources = new ArrayList<>(2);
  private boolean draining;
  private boolean running;
  private boolean finished;
  private boolean over;

  /** Makes an element of the stream of what happened to one child. */
  interface Tag<E> {
    E of(Part part, ProcessEvent event);
  }

  EventsRun(Plan plan, Optional<Records> records, Tag<E> tag, CoreSubscriber<? super E> actual) {
    super(plan);
    this.records = records;
    this.tag = tag;
    this.actual = actual;
  }

  @Override
  ByteReceiver receiver(Part part, OutputPort output) {
    if (output.descriptor == 2) {
      part.keepExcerpt(output);
    }
    ChannelFlux bytes = new ChannelFlux(loop());
    bytes.bind(output.control());
    sources.add(new EventSource(this, part, output, events(output.descriptor, bytes)));
    return bytes;
  }

  private Flux<ProcessEvent> events(int descriptor, Flux<ByteBuf> bytes) {
    if (records.isPresent()) {
      return records
          .get()
          .decodeText(bytes, settings().decoding)
          .map(text -> new Line(Instant.now(), descriptor, text));
    }
    return bytes.map(chunk -> copy(descriptor, chunk));
  }

  private static ProcessEvent copy(int descriptor, ByteBuf chunk) {
    try {
      byte[] bytes = new byte[chunk.readableBytes()];
      chunk.readBytes(bytes);
      return new ProcessEvent.Output(
          Instant.now(), descriptor, ByteBuffer.wrap(bytes).asReadOnlyBuffer());
    } finally {
      chunk.release();
    }
  }

  @Override
  void failedToStart(Throwable error) {
    over = true;
    actual.onError(error);
  }

  @Override
  void started() {
    for (Part part : parts()) {
      if (!part.isChild()) {
        continue; // its own children are not ours to tell of
      }
      Child child = part.child();
      ready.add(tag.of(part, new Started(child.started(), child.pid(), part.command().argv())));
      lives.add(new PartEvents(this, part));
    }
    for (EventSource source : sources) {
      source.begin();
    }
    running = true;
    lives.forEach(PartEvents::watchStops);
    drain();
  }

  void add(Part part, ProcessEvent event) {
    ready.add(tag.of(part, event));
    drain();
  }

  /** Reading or decoding an output failed in the subscriber's way of reading: it ends the child. */
  void sourceFailed(Throwable error) {
    if (!isCancelled() && !over) {
      over = true;
      cancelRun();
      stopWatching();
      actual.onError(error);
    }
  }

  /**
   * An end of file is reported once the last element before it is out: see {@link #sourceEnded}. An
   * output that we closed ourselves has no more elements, and what its source holds back must go.
   */
  @Override
  void outputEnded(OutputPort output) {
    if (output.summary().end() == StreamEnd.CANCELLED) {
      for (EventSource source : sources) {
        source.outputCancelled(output);
      }
    }
  }

  @Override
  void letGo() {
    sources.forEach(EventSource::letGo);
    ready.clear();
  }

  void sourceEnded(Part part, OutputPort output) {
    add(part, new OutputEnded(Instant.now(), output.summary()));
  }

  @Override
  void progressed() {
    drain();
  }

  @Override
  void finished() {
    finished = true;
    stopWatching();
    drain();
  }

  private void stopWatching() {
    lives.forEach(PartEvents::stopWatching);
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      loop().execute(() -> reject(n));
      return;
    }
    demand.accumulateAndGet(n, Operators::addCap);
    if (loop().inEventLoop()) {
      drain();
    } else if (due.compareAndSet(0, 1)) {
      loop().execute(this);
    }
  }

  private void reject(long n) {
    if (!isCancelled() && !over) {
      cancel();
      actual.onError(new IllegalArgumentException("§3.9: demand must be positive: " + n));
    }
  }

  @Override
  public void cancel() {
    cancelRun();
    loop().execute(this::stopWatching);
  }

  @Override
  public void run() {
    due.set(0);
    drain();
  }

  private void drain() {
    if (draining || !running) {
      return;
    }
    draining = true;
    try {
      while (!over && !isCancelled() && step()) {}
    } finally {
      draining = false;
    }
    if (isCancelled()) {
      ready.clear();
    }
  }

  /** Does the next thing there is to do; false where there is nothing. */
  private boolean step() {
    if (ready.isEmpty()) {
      boolean allSaid = true;
      for (PartEvents life : lives) {
        if (life.sayExit()) {
          return true;
        }
        allSaid &= life.exitIsSaid();
      }
      if (allSaid && finished && sources.stream().allMatch(EventSource::isOver)) {
        complete();
        return false;
      }
    }
    if (demand.get() == 0) {
      return false;
    }
    E event = ready.poll();
    if (event != null) {
      emit(event);
      return true;
    }
    boolean asked = false;
    for (EventSource source : sources) {
      asked |= source.askForOne();
    }
    return asked;
  }

  /** The exit comes after all that the child itself wrote; what others write later may follow. */
  boolean hasGivenAllOf(Part part) {
    for (EventSource source : sources) {
      if (source.part() == part && !source.hasGivenAllOfTheChild()) {
        return false;
      }
    }
    return true;
  }

  private void emit(E event) {
    if (demand.get() != Long.MAX_VALUE) {
      demand.decrementAndGet();
    }
    try {
      actual.onNext(event);
    } catch (Throwable thrown) {
      // A subscriber must not throw; one that does has cancelled, and the loop goes on.
      LOG.error("a subscriber of {} threw, the child is ended", job(), thrown);
      cancel();
    }
  }

  private void complete() {
    over = true;
    Throwable error = verdict();
    if (error == null) {
      actual.onComplete();
    } else {
      actual.onError(error);
    }
  }
}
