/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import io.reactorproc.Command;
import io.reactorproc.ProcessResult;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Many runs at once, one for each argument of a stream, as {@code xargs -P} and GNU parallel do. An
 * immutable value: each method answers a changed copy, and nothing happens before {@link #results}
 * is subscribed.
 *
 * <pre>{@code
 * Parallel.of(files, "sha256sum", "{}")
 *     .concurrency(8)
 *     .timeout(Duration.ofMinutes(1))
 *     .retry(Retry.backoff(3, Duration.ofMillis(200)).filter(Failures.exitCode(75)))
 *     .results();
 * }</pre>
 *
 * @param <T> the arguments
 * @param <R> what an item that succeeds gives
 */
public final class Parallel<T, R> {
  private final Publisher<? extends T> arguments;
  private final Work<T, R> work;
  private final Options options;

  private Parallel(Publisher<? extends T> arguments, Work<T, R> work, Options options) {
    this.arguments = Objects.requireNonNull(arguments, "arguments");
    this.work = work;
    this.options = options;
  }

  /**
   * A command for each argument, whose output is captured within its {@link Command#captureLimit}.
   *
   * @param template called for each attempt, on any thread; must not block. What it throws is the
   *     error of the item
   */
  public static <T> Parallel<T, ProcessResult> of(
      Publisher<? extends T> arguments, Function<? super T, Command> template) {
    Objects.requireNonNull(template, "template");
    return new Parallel<>(
        arguments,
        (argument, timeout) -> Work.limited(template.apply(argument), timeout).output(),
        new Options());
  }

  /**
   * A program with its arguments, in which every {@code {}} is replaced by the argument; without
   * one it becomes the last. The place may be a part of a word ({@code out/{}.png}). What is put in
   * is one argument for the program, whatever is in it; no shell sees it.
   */
  public static <T> Parallel<T, ProcessResult> of(
      Publisher<? extends T> arguments, String program, String... argv) {
    Command command = Command.of(program, argv);
    return of(
        arguments,
        argument -> Command.of(ArgumentTemplate.fill(command.argv(), argument.toString())));
  }

  /**
   * A command for each group of arguments, which are put behind its own: {@code xargs -n most}. The
   * bytes of a group stay within what the kernel takes; see {@link Arguments#groups}.
   */
  public static Parallel<List<String>, ProcessResult> grouped(
      Publisher<String> arguments, int most, Command command) {
    return of(
        Arguments.groups(arguments, most, command),
        group -> command.args(group.toArray(new String[0])));
  }

  /**
   * Anything for each argument: a pipeline, a sequence, a command run in another way.
   *
   * @param item called for each attempt, as the template of {@link #of}. The {@linkplain #timeout
   *     timeout} cancels what it answers, with a {@code TimeoutException}
   */
  public static <T, R> Parallel<T, R> running(
      Publisher<? extends T> arguments, Function<? super T, ? extends Mono<R>> item) {
    Objects.requireNonNull(item, "item");
    return new Parallel<>(
        arguments,
        (argument, timeout) -> Work.limited(item.apply(argument), timeout),
        new Options());
  }

  private Parallel<T, R> with(Consumer<Options> change) {
    return new Parallel<>(arguments, work, options.with(change));
  }

  /** How many items run at a time at most; by default as many as there are processors. */
  public Parallel<T, R> concurrency(int items) {
    return with(o -> o.concurrency = Options.positive(items, "the concurrency"));
  }

  /**
   * Delivers results in the order of the arguments, by default as the items end. Results that wait
   * for an earlier one are kept, and count: when it and they are four times the concurrency, no
   * further item starts.
   */
  public Parallel<T, R> ordered() {
    return with(o -> o.ordered = true);
  }

  /**
   * As {@link #ordered()}.
   *
   * @param ahead how many items may have started from the first that is not delivered on; at least
   *     the concurrency
   */
  public Parallel<T, R> ordered(int ahead) {
    Options.positive(ahead, "the number of items ahead");
    return with(
        o -> {
          o.ordered = true;
          o.ahead = ahead;
        });
  }

  /**
   * How many arguments are asked for before they can start; by default as many as run at a time.
   */
  public Parallel<T, R> prefetch(int arguments) {
    return with(o -> o.prefetch = Options.positive(arguments, "the prefetch"));
  }

  /**
   * Ends an attempt that takes longer. A command is ended as by {@link Command#timeout}, which this
   * takes the place of. None by default.
   */
  public Parallel<T, R> timeout(Duration timeout) {
    if (timeout.isZero() || timeout.isNegative()) {
      throw new IllegalArgumentException("a timeout must be longer than 0: " + timeout);
    }
    return with(o -> o.timeout = timeout);
  }

  /**
   * Whether, when and how often a failed item is run again; not at all by default. It keeps its
   * place until the last attempt is over. Its error is that of the last attempt. {@link Failures}
   * has predicates for {@code Retry.filter}.
   */
  public Parallel<T, R> retry(Retry retry) {
    return with(o -> o.retry = Objects.requireNonNull(retry, "retry"));
  }

  /** What a failed item means for the others; by default nothing. */
  public Parallel<T, R> onFailure(OnFailure meaning) {
    return with(o -> o.onFailure = Objects.requireNonNull(meaning, "meaning"));
  }

  /** How many arguments there will be, for the progress; else known when the source completes. */
  public Parallel<T, R> total(long items) {
    if (items < 0) {
      throw new IllegalArgumentException("a total cannot be negative: " + items);
    }
    return with(o -> o.total = OptionalLong.of(items));
  }

  /**
   * Runs it: one result for each argument.
   *
   * <ul>
   *   <li><b>Start:</b> each subscription is a run of its own. Items start as their arguments come,
   *       up to the concurrency.
   *   <li><b>Demand:</b> a result that nobody asks for keeps its item's place, so that no more
   *       items start than can run, and no more arguments are asked for than have started and a
   *       {@linkplain #prefetch few} more.
   *   <li><b>Errors:</b> those of an item are in its result; {@link ItemFailedException} where
   *       {@link #onFailure} says so; the source's own, when the items that it had given before are
   *       done.
   *   <li><b>Cancel:</b> cancels the source and all that runs; their children are ended and reaped.
   *   <li><b>Thread:</b> that on which an item ended, an event loop for the most part, which must
   *       not be blocked, or that of {@code request}.
   * </ul>
   */
  public Flux<ItemResult<T, R>> results() {
    return Flux.defer(() -> run().results());
  }

  /** A run whose progress can be looked at; it starts when its results are subscribed. */
  public ParallelRun<T, R> run() {
    return new ParallelRun<>(arguments, options, work);
  }
}
