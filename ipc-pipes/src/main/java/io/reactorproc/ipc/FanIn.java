/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * Several byte streams made one, such as the outputs of several children for the stdin of another.
 * An immutable value.
 *
 * <p>The publishers that {@code inOrder}, {@code byChunk} and {@code byLine} return have this in
 * common:
 *
 * <ul>
 *   <li><b>Work</b> starts with the subscription, which subscribes to each source once; it may be
 *       repeated as often as the sources allow.
 *   <li><b>Demand</b> is passed to the sources one chunk at a time. Without demand nothing is asked
 *       for; with it, at most one chunk of each source waits here.
 *   <li><b>End:</b> with the last source. The first error of a source is the error: the others are
 *       cancelled, and what waits of them is released.
 *   <li><b>Cancel</b> cancels every source and releases what is held.
 *   <li><b>Thread:</b> one of those that deliver the chunks, or the one that requests; never two at
 *       a time. <b>Buffers:</b> the subscriber owns and releases each.
 * </ul>
 */
public final class FanIn {
  private static final int DEFAULT_MAX_LENGTH = 1024 * 1024;

  private final List<Publisher<? extends ByteBuf>> sources;
  private final int maxLength;

  private FanIn(List<Publisher<? extends ByteBuf>> sources, int maxLength) {
    this.sources = sources;
    this.maxLength = maxLength;
  }

  /** These sources; none give an empty stream. */
  @SafeVarargs
  public static FanIn of(Publisher<? extends ByteBuf>... sources) {
    List<Publisher<? extends ByteBuf>> all = new ArrayList<>(sources.length);
    for (Publisher<? extends ByteBuf> source : sources) {
      all.add(source);
    }
    return of(all);
  }

  /** These sources; none give an empty stream. */
  public static FanIn of(List<? extends Publisher<? extends ByteBuf>> sources) {
    return new FanIn(List.copyOf(sources), DEFAULT_MAX_LENGTH);
  }

  /**
   * The same with another limit on a line or record in {@link #byLine()} and {@link #byRecord}; 1
   * MiB unless told. It bounds what is held for one source, beside the chunk at hand.
   *
   * @param bytes without the terminator, from 1 to {@link Records#LARGEST_MAX_LENGTH}
   * @throws IllegalArgumentException if {@code bytes} is out of that range
   */
  public FanIn maxLength(int bytes) {
    if (bytes < 1 || bytes > Records.LARGEST_MAX_LENGTH) {
      throw new IllegalArgumentException(
          "maxLength must be from 1 to " + Records.LARGEST_MAX_LENGTH + " bytes, it was " + bytes);
    }
    return new FanIn(sources, bytes);
  }

  /**
   * One source after the other, each to its end, as {@code cat} does. A later source is subscribed
   * to when its turn comes.
   */
  public Flux<ByteBuf> inOrder() {
    return Flux.concat(sources);
  }

  /** Chunks as they come, in turn where several wait. A chunk may begin and end within a line. */
  public Flux<ByteBuf> byChunk() {
    return MergedChunks.of(sources);
  }

  /**
   * Whole lines as they come, in turn where several sources have some, so that no two lines are
   * ever mixed. Each chunk has one or more lines of one source, with their LF; a last line without
   * one gets it. A line that comes in several chunks and is longer than {@link #maxLength(int)} is
   * a {@link RecordTooLongException}.
   */
  public Flux<ByteBuf> byLine() {
    return byRecord((byte) '\n');
  }

  /** As {@link #byLine()}, for records that end with another byte, such as NUL. */
  public Flux<ByteBuf> byRecord(byte terminator) {
    return MergedChunks.of(sources.stream().map(source -> whole(source, terminator)).toList());
  }

  private Flux<ByteBuf> whole(Publisher<? extends ByteBuf> source, byte terminator) {
    return DecodingFlux.of(source, () -> new WholeRecords(terminator, maxLength));
  }
}
