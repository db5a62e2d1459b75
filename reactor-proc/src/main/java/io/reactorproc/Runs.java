/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.TextDecoding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;

/** Makes the publishers behind the ways to run. */
final class Runs {
  private Runs() {}

  static Mono<ProcessResult> output(Command command) {
    return collect(
        () -> Plan.of(command, Wiring.Mode.OUTPUT), Map.of(), parts -> parts.get(0).result());
  }

  /**
   * Runs to the end, with a plan made at the subscription, and answers what became of its parts.
   */
  static <R> Mono<R> collect(
      Supplier<Plan> plan, Map<Integer, LentDescriptor> lent, Function<List<Part>, R> result) {
    return collect(plan, lent, result, run -> {});
  }

  /**
   * As {@link #collect(Supplier, Map, Function)}.
   *
   * @param begins gets the run before it begins
   */
  static <R> Mono<R> collect(
      Supplier<Plan> plan,
      Map<Integer, LentDescriptor> lent,
      Function<List<Part>, R> result,
      Consumer<Run> begins) {
    return Mono.create(
        sink -> {
          CollectRun run =
              new CollectRun(plan.get(), lent, parts -> succeed(sink, result, parts), sink::error);
          sink.onCancel(run::cancelRun);
          begins.accept(run);
          run.begin();
        });
  }

  private static <R> void succeed(
      MonoSink<R> sink, Function<List<Part>, R> result, List<Part> parts) {
    R made;
    try {
      made = result.apply(parts);
    } catch (RuntimeException thrown) {
      sink.error(thrown); // a predicate of the user's
      return;
    }
    sink.success(made);
  }

  static Mono<String> text(Command command) {
    TextDecoding decoding = command.settings().decoding;
    return output(command)
        .flatMap(
            result ->
                decoding
                    .decode(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(result.stdout())))
                    .collect(Collectors.joining()));
  }

  static Mono<ExitStatus> exit(Command command) {
    return exit(command, Map.of());
  }

  /**
   * As {@link Command#exit()}, with stdin, stdout or stderr on descriptors of others, where the
   * command does not send them elsewhere itself. The owner may close them as soon as nothing is to
   * be started with them any more.
   */
  static Mono<ExitStatus> exit(Command command, Map<Integer, LentDescriptor> lent) {
    return collect(
        () -> Plan.of(command, Wiring.Mode.EXIT, lent.keySet()),
        lent,
        parts -> parts.get(0).status());
  }

  /** Makes the run of a handle for each subscriber. */
  interface Starter<H> {
    HandleRun<H> startFor(CoreSubscriber<? super H> actual);
  }

  static <H> Mono<H> start(Starter<H> starter) {
    return new Mono<>() {
      @Override
      public void subscribe(CoreSubscriber<? super H> actual) {
        begin(actual, () -> starter.startFor(actual));
      }
    };
  }

  static Flux<ByteBuf> bytes(Supplier<Plan> plan) {
    return new Flux<>() {
      @Override
      public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        begin(actual, () -> new BytesRun(plan.get(), actual));
      }
    };
  }

  static <E> Flux<E> events(Supplier<Plan> plan, Optional<Records> records, EventsRun.Tag<E> tag) {
    return new Flux<>() {
      @Override
      public void subscribe(CoreSubscriber<? super E> actual) {
        begin(actual, () -> new EventsRun<>(plan.get(), records, tag, actual));
      }
    };
  }

  /** Subscribes and starts, unless what was asked for does not fit together. */
  static <R extends Run & Subscription> void begin(CoreSubscriber<?> actual, Supplier<R> maker) {
    R run;
    try {
      run = maker.get();
    } catch (RuntimeException invalid) {
      Operators.error(actual, invalid);
      return;
    }
    actual.onSubscribe(run);
    run.begin();
  }
}
