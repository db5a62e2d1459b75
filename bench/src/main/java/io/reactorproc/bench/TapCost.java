/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import io.netty.buffer.ByteBuf;
import io.reactorproc.Command;
import io.reactorproc.Pipeline;
import io.reactorproc.ipc.RunningTap;
import io.reactorproc.ipc.Tap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * What a tap costs: the same bytes through the same two children, with and without one. The
 * variants take turns within each round, so that what else the machine does hits all of them.
 *
 * <p>Run it with {@code taskset -c 0} for one processor and without for all. Its arguments are the
 * MiB of one run (1024 by default) and the number of rounds (9 by default).
 */
final class TapCost {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private TapCost() {}

  public static void main(String[] arguments) {
    long mebibytes = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1024;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 9;
    for (int block : new int[] {64, 4}) {
      System.out.println("written in blocks of " + block + " KiB:");
      Command source =
          Command.of("dd", "if=/dev/zero", "status=none")
              .args("bs=" + block + "K", "count=" + mebibytes * 1024 / block);
      compare(variants(source), mebibytes, rounds);
    }
  }

  private static void compare(List<Variant> variants, long mebibytes, int rounds) {
    variants.forEach(variant -> seconds(variant.pipeline)); // the JVM's warm-up
    for (int round = 0; round < rounds; round++) {
      for (Variant variant : variants) {
        variant.rates.add(mebibytes / seconds(variant.pipeline));
      }
    }
    double base = new Samples(variants.get(0).rates).median();
    for (Variant variant : variants) {
      Samples rates = new Samples(variant.rates);
      System.out.printf(
          Locale.ROOT,
          "  %-32s %6.0f MiB/s (%5.0f to %5.0f)  %.2f%n",
          variant.name,
          rates.median(),
          rates.min(),
          rates.max(),
          rates.median() / base);
    }
  }

  private static List<Variant> variants(Command source) {
    Command sink = Command.of("dd", "of=/dev/null", "bs=64K", "status=none");
    return List.of(
        new Variant("no tap", source.pipe(sink)),
        new Variant(
            "a tap nobody looks through", tap(source, Tap.lossy(), tap -> Mono.empty(), sink)),
        new Variant("lossy, observer asleep", tap(source, Tap.lossy(), TapCost::readLate, sink)),
        new Variant("lossy, observer reads", tap(source, Tap.lossy(), TapCost::read, sink)),
        new Variant("exact, observer reads", tap(source, Tap.exact(), TapCost::read, sink)),
        new Variant("a stage in Java in its place", source.pipe(bytes -> bytes).pipe(sink)));
  }

  private static Pipeline tap(
      Command source, Tap tap, Function<RunningTap, Publisher<Void>> observer, Command sink) {
    return source.tap(tap, observer).pipe(sink);
  }

  private static Mono<Void> read(RunningTap tap) {
    return tap.bytes().doOnNext(ByteBuf::release).then();
  }

  private static Mono<Void> readLate(RunningTap tap) {
    return tap.end().then(read(tap));
  }

  private static double seconds(Pipeline pipeline) {
    long start = System.nanoTime();
    Objects.requireNonNull(pipeline.exit().block(LIMIT));
    return (System.nanoTime() - start) / 1e9;
  }

  /** One way to join the two children, and what it achieved in each round. */
  private static final class Variant {
    final String name;
    final Pipeline pipeline;
    final List<Double> rates = new ArrayList<>();

    Variant(String name, Pipeline pipeline) {
      this.name = name;
      this.pipeline = pipeline;
    }
  }
}
