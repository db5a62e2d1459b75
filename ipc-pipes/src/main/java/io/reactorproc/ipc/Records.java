/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * How a byte stream is cut into records: what ends a record, how long one may be, and what is done
 * about a longer one. Immutable.
 *
 * <p>A record does not contain its terminator. Empty records are delivered. Bytes after the last
 * terminator are a record too, unless there are none: {@code "a\n\nb"} has three lines and so has
 * {@code "a\n\nb\n"}, and an empty stream has no record. How the stream is divided into chunks
 * never changes the records.
 *
 * <p>The publishers that {@code decode}, {@code decodeBatches} and {@code decodeText} return have
 * this in common:
 *
 * <ul>
 *   <li><b>Work</b> starts with the subscription. Each one subscribes to the chunks once; it may be
 *       repeated as often as their publisher allows.
 *   <li><b>Demand:</b> one chunk is asked for at a time, and only when a record is wanted that
 *       cannot be cut from the chunk at hand. Unbounded demand is passed on as such.
 *   <li><b>Thread:</b> the one that delivers the chunks, or the one that requests.
 *   <li><b>Ownership:</b> the chunks are released here, exactly once, also after an error or a
 *       cancel. An operator between their publisher and this one that may drop chunks (a queue, a
 *       filter) needs a {@code doOnDiscard} of its own.
 *   <li><b>Cancel</b> cancels the chunks and releases what is held. Records delivered before stay
 *       with the subscriber.
 *   <li><b>Errors:</b> an error of the chunks follows the records complete by then, and what came
 *       after their last terminator is dropped; {@link RecordTooLongException} under {@link
 *       Overflow#ERROR}.
 * </ul>
 */
public final class Records {

  /** What is done about a record that is longer than the limit. */
  public enum Overflow {
    /** It ends the stream with a {@link RecordTooLongException}. */
    ERROR,
    /** It is delivered in pieces as long as is allowed, the last of them with what is left. */
    SPLIT,
    /** Its head is delivered, as much as is allowed; the rest up to the terminator is dropped. */
    TRUNCATE
  }

  /** The greatest limit {@link #maxLength(int)} takes, in bytes: 1 GiB. */
  public static final int LARGEST_MAX_LENGTH = 1 << 30;

  private static final int DEFAULT_MAX_LENGTH = 1024 * 1024;
  private static final byte[] LF = {'\n'};
  private static final byte CR = '\r';

  /** What is special about the terminator, beyond its bytes. */
  private enum Kind {
    LINES,
    UNIVERSAL_LINES,
    EXACT
  }

  private final Kind kind;
  private final byte[] terminator;
  private final int maxLength;
  private final Overflow overflow;

  private Records(Kind kind, byte[] terminator, int maxLength, Overflow overflow) {
    this.kind = kind;
    this.terminator = terminator;
    this.maxLength = maxLength;
    this.overflow = overflow;
  }

  private static Records of(Kind kind, byte[] terminator) {
    return new Records(kind, terminator, DEFAULT_MAX_LENGTH, Overflow.ERROR);
  }

  /** Lines that end with LF; a CR directly before the LF belongs to the terminator. */
  public static Records lines() {
    return of(Kind.LINES, LF);
  }

  /**
   * Lines that end with LF, CRLF or a bare CR, as progress displays write them. A line that ends
   * with CR is delivered without waiting for the byte after it.
   */
  public static Records universalLines() {
    return of(Kind.UNIVERSAL_LINES, LF);
  }

  /** Records that end with a zero byte, as {@code find -print0} writes them. */
  public static Records nulSeparated() {
    return separatedBy((byte) 0);
  }

  /**
   * Records that end with exactly these bytes. Where terminators could overlap, the first wins.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static Records separatedBy(byte... terminator) {
    if (terminator.length == 0) {
      throw new IllegalArgumentException("a separator needs at least one byte");
    }
    return of(Kind.EXACT, terminator.clone());
  }

  /**
   * Records that end with the UTF-8 bytes of {@code terminator}.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public static Records separatedBy(String terminator) {
    return separatedBy(terminator.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The same with another limit on the length of a record; 1 MiB unless told. This bounds what is
   * held for one subscription, beside the chunk at hand.
   *
   * @param bytes without the terminator, from 1 to {@link #LARGEST_MAX_LENGTH}
   * @throws IllegalArgumentException if {@code bytes} is out of that range
   */
  public Records maxLength(int bytes) {
    if (bytes < 1 || bytes > LARGEST_MAX_LENGTH) {
      throw new IllegalArgumentException(
          "maxLength must be from 1 to " + LARGEST_MAX_LENGTH + " bytes, it was " + bytes);
    }
    return new Records(kind, terminator, bytes, overflow);
  }

  /**
   * The same with another answer to a record that is too long; {@link Overflow#ERROR} unless told.
   * {@code SPLIT} and {@code TRUNCATE} count bytes, so a cut may fall inside a character.
   */
  public Records onOverflow(Overflow action) {
    return new Records(kind, terminator, maxLength, Objects.requireNonNull(action, "action"));
  }

  /** The longest record allowed, in bytes without the terminator. */
  public int maxLength() {
    return maxLength;
  }

  /**
   * Cuts a byte stream into records, each a buffer. See the class for demand, threads and errors.
   *
   * <p>A record within one chunk is a slice that shares the chunk's memory and its reference count,
   * nothing is copied; one that spans chunks is a heap buffer. <b>The subscriber owns each record
   * and releases it once.</b> The count of a slice is that of the whole chunk, so it says nothing
   * of the slice alone, and a slice kept for long keeps its chunk. An operator downstream that
   * drops records (a filter, a queue) needs {@code doOnDiscard(ByteBuf.class, ByteBuf::release)}.
   *
   * @param chunks bytes, each chunk from its reader index on
   */
  public Flux<ByteBuf> decode(Publisher<? extends ByteBuf> chunks) {
    return DecodingFlux.of(chunks, () -> new SliceCutter(this));
  }

  /**
   * Cuts a byte stream into records, delivered many at a time: the fastest way, because nothing is
   * allocated and nothing counted for the single record. See the class for demand (in batches),
   * threads and errors.
   *
   * <p><b>The subscriber owns each batch and releases it once.</b> A batch never waits for further
   * chunks to fill up.
   *
   * @param chunks bytes, each chunk from its reader index on
   */
  public Flux<RecordBatch> decodeBatches(Publisher<? extends ByteBuf> chunks) {
    return DecodingFlux.of(chunks, () -> new BatchCutter(this));
  }

  /** Cuts a byte stream into records of UTF-8 text, malformed bytes replaced. */
  public Flux<String> decodeText(Publisher<? extends ByteBuf> chunks) {
    return decodeText(chunks, TextDecoding.utf8());
  }

  /**
   * Cuts a byte stream into records of text. See the class for demand, threads and errors; in
   * addition {@link MalformedTextException}, after the records before it, if {@code decoding} says
   * so.
   *
   * <p>In a charset where the byte of a line feed may be part of another character (UTF-16,
   * Shift_JIS, …) the stream is made text first, and that is cut; the limit and the separator are
   * then of its UTF-8 form.
   *
   * @param chunks bytes, each chunk from its reader index on
   */
  public Flux<String> decodeText(Publisher<? extends ByteBuf> chunks, TextDecoding decoding) {
    if (decoding.keepsAscii()) {
      return DecodingFlux.of(chunks, () -> new TextCutter(this, decoding));
    }
    Flux<ByteBuf> utf8 =
        decoding
            .decode(chunks)
            .map(text -> Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)));
    return decodeText(utf8, TextDecoding.utf8());
  }

  /**
   * Makes a record into bytes that {@link #decode} makes into that record again.
   *
   * @param record is taken over: it is released here or by the release of what is returned
   * @return the record and its terminator; the caller owns and releases it
   * @throws IllegalArgumentException if the record has its terminator inside, or ends with what
   *     would count as a part of it, or is longer than the limit
   */
  public ByteBuf encode(ByteBuf record) {
    try {
      check(record);
      int length = record.readableBytes();
      return PooledByteBufAllocator.DEFAULT
          .directBuffer(length + terminator.length)
          .writeBytes(record, record.readerIndex(), length)
          .writeBytes(terminator);
    } finally {
      record.release();
    }
  }

  private void check(ByteBuf record) {
    int length = record.readableBytes();
    if (length > maxLength) {
      throw new IllegalArgumentException(
          "a record of " + length + " bytes is longer than " + maxLength + " bytes");
    }
    int from = record.readerIndex();
    int to = record.writerIndex();
    boolean wrong =
        switch (kind) {
          case LINES ->
              record.indexOf(from, to, LF[0]) >= 0 || (length > 0 && record.getByte(to - 1) == CR);
          case UNIVERSAL_LINES ->
              record.indexOf(from, to, LF[0]) >= 0 || record.indexOf(from, to, CR) >= 0;
          case EXACT -> endsEarly(record);
        };
    if (wrong) {
      throw new IllegalArgumentException("a record must not contain what ends it");
    }
  }

  /** Whether the first terminator begins before the record has ended, alone or with its own. */
  private boolean endsEarly(ByteBuf record) {
    if (terminator.length == 1) {
      return record.indexOf(record.readerIndex(), record.writerIndex(), terminator[0]) >= 0;
    }
    ByteBuf whole = Unpooled.wrappedBuffer(record.slice(), Unpooled.wrappedBuffer(terminator));
    return ByteBufUtil.indexOf(Unpooled.wrappedBuffer(terminator), whole) < record.readableBytes();
  }

  Overflow overflow() {
    return overflow;
  }

  BoundaryScanner scanner() {
    return switch (kind) {
      case LINES -> ByteScanner.lines();
      case UNIVERSAL_LINES -> new UniversalLineScanner();
      case EXACT ->
          terminator.length == 1 ? ByteScanner.of(terminator[0]) : new SequenceScanner(terminator);
    };
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Records that
        && kind == that.kind
        && Arrays.equals(terminator, that.terminator)
        && maxLength == that.maxLength
        && overflow == that.overflow;
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, Arrays.hashCode(terminator), maxLength, overflow);
  }

  @Override
  public String toString() {
    String cut = kind == Kind.EXACT ? "separatedBy " + Arrays.toString(terminator) : kind.name();
    return "Records[" + cut + ", maxLength " + maxLength + ", " + overflow + "]";
  }
}
