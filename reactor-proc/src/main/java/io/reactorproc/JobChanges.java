/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ProcessEvent.Continued;
import io.reactorproc.ProcessEvent.Stopped;
import io.reactorproc.signals.Signal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/** The stops and continuations of children that a handle shows to one of its subscribers. */
final class JobChanges<E> {
  private final FluxSink<E> sink;
  private final BiFunction<Child, ProcessEvent, E> tag;
  private final List<Of> watched = new ArrayList<>(1);
  private int alive;

  private JobChanges(FluxSink<E> sink, BiFunction<Child, ProcessEvent, E> tag) {
    this.sink = sink;
    this.tag = tag;
  }

  /**
   * The changes until the last of the children is reaped; of those that a slow subscriber has not
   * asked for, the last.
   *
   * @param tag makes an element of what happened to a child
   */
  static <E> Flux<E> of(
      IoEventLoop loop, List<Child> children, BiFunction<Child, ProcessEvent, E> tag) {
    return Flux.create(
        sink -> loop.execute(() -> new JobChanges<>(sink, tag).begin(loop, children)),
        FluxSink.OverflowStrategy.LATEST);
  }

  private void begin(IoEventLoop loop, List<Child> children) {
    alive = children.size();
    for (Child child : children) {
      Of each = new Of(child);
      watched.add(each);
      child.jobState().add(each);
    }
    sink.onDispose(() -> loop.execute(this::stop));
  }

  private void stop() {
    watched.forEach(each -> each.child.jobState().remove(each));
  }

  private final class Of implements JobState.Listener {
    private final Child child;

    Of(Child child) {
      this.child = child;
    }

    @Override
    public void stopped(Signal signal) {
      sink.next(tag.apply(child, new Stopped(Instant.now(), signal)));
    }

    @Override
    public void continued() {
      sink.next(tag.apply(child, new Continued(Instant.now())));
    }

    @Override
    public void gone() {
      if (--alive == 0) {
        sink.complete();
      }
    }
  }
}
