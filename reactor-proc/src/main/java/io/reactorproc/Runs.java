/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.TextDecoding;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** Makes the publishers behind {@link Command}'s ways to run. */
final class Runs {
  private Runs() {}

  static ExitPolicy policy(Settings settings) {
    return settings.policy == null ? ExitPolicy.zero() : settings.policy;
  }

  static Mono<ProcessResult> output(Command command) {
    return Mono.create(
        sink -> {
          CollectRun run =
              new CollectRun(
                  command,
                  Wiring.Mode.OUTPUT,
                  Map.of(),
                  policy(command.settings()),
                  sink::success,
                  sink::error);
          sink.onCancel(run::cancelRun);
          run.begin();
        });
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
    ExitPolicy set = command.settings().policy;
    return Mono.create(
        sink -> {
          CollectRun run =
              new CollectRun(
                  command,
                  Wiring.Mode.EXIT,
                  lent,
                  set == null ? ExitPolicy.any() : set,
                  result -> sink.success(result.status()),
                  sink::error);
          sink.onCancel(run::cancelRun);
          run.begin();
        });
  }

  static Mono<RunningProcess> start(Command command) {
    return new Mono<>() {
      @Override
      public void subscribe(CoreSubscriber<? super RunningProcess> actual) {
        StartRun run;
        try {
          run = new StartRun(command, actual);
        } catch (RuntimeException invalid) {
          Operators.error(actual, invalid);
          return;
        }
        begin(actual, run, run);
      }
    };
  }

  static Flux<ByteBuf> bytes(Command command) {
    return new Flux<>() {
      @Override
      public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        BytesRun run;
        try {
          run = new BytesRun(command, actual);
        } catch (RuntimeException invalid) {
          Operators.error(actual, invalid);
          return;
        }
        begin(actual, run, run);
      }
    };
  }

  static Flux<ProcessEvent> events(Command command, Optional<Records> records) {
    return new Flux<>() {
      @Override
      public void subscribe(CoreSubscriber<? super ProcessEvent> actual) {
        EventsRun run;
        try {
          run = new EventsRun(command, records, actual);
        } catch (RuntimeException invalid) {
          Operators.error(actual, invalid);
          return;
        }
        begin(actual, run, run);
      }
    };
  }

  private static void begin(CoreSubscriber<?> actual, Subscription subscription, Run run) {
    actual.onSubscribe(subscription);
    run.begin();
  }
}
