/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * How one byte stream goes to several targets (children, files, subscribers) that are not equally
 * fast. An immutable value; {@link #connect} puts it into effect.
 *
 * <pre>{@code
 * FanOut.slowest()
 *     .connect(
 *         Command.of("zcat", "dump.gz").bytes(),
 *         branch ->
 *             Command.of("sha256sum")
 *                 .stdin(Stdin.publisher(branch.bytes()))
 *                 .text()
 *                 .doOnNext(sums::add)
 *                 .then(),
 *         OutputTarget.file(copy).asTarget(),
 *         branch -> branch.bytes().doOnNext(this::countAndRelease).then())
 * }</pre>
 *
 * @param capacity how many bytes may wait for each target; one chunk may be more than that
 * @param whenFull what is done about a target with that much waiting
 * @param failures what becomes of the others when one target fails
 */
public record FanOut(int capacity, WhenFull whenFull, Failures failures) {

  /** What is done about a target that is behind. */
  public enum WhenFull {
    /** All wait for it, and so does the source. */
    WAIT,
    /**
     * It loses chunks, which are counted and told ({@link FanOutBranch}), as long as another target
     * has room. Where none has, the source waits.
     */
    DROP,
    /** It gets what waits for it and then a {@link FanOutOverflowException}; the others go on. */
    FAIL
  }

  /** What the failure of one target is to the others. */
  public enum Failures {
    /** Nothing: it is in the result. */
    KEEP_OTHERS,
    /** The end: they are cancelled, as is the source, and the failure is the error of all. */
    END_ALL
  }

  /** Somebody that gets the stream. */
  @FunctionalInterface
  public interface Target {
    /**
     * Consumes one branch. Called once for each subscription, before the first byte.
     *
     * @return completes when the target is done, which lets go of its branch; an error is the
     *     target's failure
     */
    Publisher<Void> consume(FanOutBranch branch);
  }

  /** Checks the values. */
  public FanOut {
    if (capacity < 0) {
      throw new IllegalArgumentException("a capacity is not negative: " + capacity);
    }
    Objects.requireNonNull(whenFull, "whenFull");
    Objects.requireNonNull(failures, "failures");
  }

  /** Everyone keeps step with the slowest target, and nothing is lost. */
  public static FanOut slowest() {
    return new FanOut(0, WhenFull.WAIT, Failures.KEEP_OTHERS);
  }

  /**
   * The fastest target sets the pace; the others lose what they are too slow for, even for a
   * moment. {@link #buffered buffered(capacity, DROP)} forgives them that.
   */
  public static FanOut fastest() {
    return new FanOut(0, WhenFull.DROP, Failures.KEEP_OTHERS);
  }

  /** Targets may be apart by so many bytes; then the choice is yours. */
  public static FanOut buffered(int capacity, WhenFull then) {
    return new FanOut(capacity, then, Failures.KEEP_OTHERS);
  }

  /** The same where the failure of one target ends all. */
  public FanOut failTogether() {
    return new FanOut(capacity, whenFull, Failures.END_ALL);
  }

  /** As {@link #connect(Publisher, List)}. */
  public Mono<FanOutResult> connect(Publisher<? extends ByteBuf> source, Target... targets) {
    return connect(source, List.of(targets));
  }

  /**
   * Sends a stream to targets.
   *
   * <ul>
   *   <li><b>Start:</b> a subscription subscribes to the targets and the source. The first chunk is
   *       asked for when each target has subscribed to its branch or is done without it, so that
   *       nobody misses the beginning. May be repeated as often as the source allows.
   *   <li><b>Demand:</b> one chunk at a time, by the policy. Chunks are shared, not copied; each
   *       target has indices of its own and releases what it got, and must not write into it.
   *   <li><b>A target that goes away</b> (a child that exits, a cancel, an error) does not hurt the
   *       others, unless {@link #failTogether()}. When all are gone the source is cancelled.
   *   <li><b>End:</b> one result when the source and all targets are done. An error of the source
   *       reaches every branch and is the error here.
   *   <li><b>Cancel</b> cancels the source and every target.
   *   <li><b>Thread:</b> one of those that deliver the chunks or request; a target that blocks has
   *       to leave it.
   * </ul>
   */
  public Mono<FanOutResult> connect(
      Publisher<? extends ByteBuf> source, List<? extends Target> targets) {
    Objects.requireNonNull(source, "source");
    List<? extends Target> all = List.copyOf(targets);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("a fan-out needs at least one target");
    }
    return Mono.create(
        sink -> {
          Spreading spreading = new Spreading(this, all.size(), sink);
          sink.onCancel(spreading::cancel);
          spreading.start(source, all);
        });
  }
}
