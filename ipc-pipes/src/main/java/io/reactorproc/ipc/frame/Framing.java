/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.Records;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * How messages are told apart in a stream of bytes, in both directions and over any channel: a
 * pipe, a FIFO, a socket, the stdin and stdout of a child. Immutable.
 *
 * <p>How the stream is divided into chunks never changes the frames. What is not a stream of frames
 * is a {@link FramingException}, and so is a frame over the limit, {@link #DEFAULT_MAX_LENGTH}
 * unless told; no more than one frame is ever held, and no more is allocated for it than has come:
 * a length that is only announced costs nothing. After such an error nothing is known of where the
 * next frame begins, so it ends the stream.
 *
 * <p>A protocol with a framing of its own can implement this, its decoding by {@link
 * io.reactorproc.ipc.StreamDecoder}.
 */
public interface Framing {

  /** The limit on the length of a frame unless told: 16 MiB. */
  int DEFAULT_MAX_LENGTH = 16 * 1024 * 1024;

  /** The greatest limit there is: 1 GiB. */
  int LARGEST_MAX_LENGTH = 1 << 30;

  /**
   * Cuts a stream of bytes into frames, each the content alone.
   *
   * <ul>
   *   <li><b>Work</b> starts with the subscription. Each one subscribes to the chunks once; it may
   *       be repeated as often as their publisher allows.
   *   <li><b>Demand:</b> one chunk is asked for at a time, and only when a frame is wanted that is
   *       not in the chunk at hand. Unbounded demand is passed on as such.
   *   <li><b>Thread:</b> the one that delivers the chunks, or the one that requests.
   *   <li><b>Buffers:</b> the chunks are released here, exactly once, also after an error or a
   *       cancel. <b>The subscriber owns each frame and releases it once.</b> A frame within one
   *       chunk is a slice that shares the chunk's memory and its reference count, nothing is
   *       copied; one that spans chunks has a buffer of its own. A slice kept for long keeps its
   *       chunk. An operator downstream that drops frames (a filter, a queue) needs {@code
   *       doOnDiscard(ByteBuf.class, ByteBuf::release)}.
   *   <li><b>Cancel</b> cancels the chunks and releases what is held. Frames delivered before stay
   *       with the subscriber.
   *   <li><b>Errors:</b> an error of the chunks, or a {@link FramingException}, follows the frames
   *       complete by then. An end inside a frame is {@link TruncatedFrameException}.
   * </ul>
   *
   * @param chunks bytes, each chunk from its reader index on
   */
  Flux<ByteBuf> decode(Publisher<? extends ByteBuf> chunks);

  /**
   * Makes a content into a frame.
   *
   * @param content is taken over: it is released here, or by the release of what is returned
   * @return the bytes to send, in one buffer, so that a write of it is never cut by a cancel; the
   *     caller owns and releases it
   * @throws FrameTooLongException if the content is longer than the limit, or than can be said
   * @throws IllegalArgumentException if this framing cannot carry the content, such as a line with
   *     a line feed in it
   */
  ByteBuf encode(ByteBuf content);

  /** The longest content allowed, in bytes. */
  int maxLength();

  /**
   * The same with another limit.
   *
   * @param bytes of content, from 1 to {@link #LARGEST_MAX_LENGTH}
   * @throws IllegalArgumentException if {@code bytes} is out of that range
   */
  Framing maxLength(int bytes);

  /**
   * Makes contents into frames, one element for each, for a {@link io.reactorproc.ipc.ByteSink} or
   * any other taker of bytes. Contents are taken over; demand, threads, errors and cancel are those
   * of their publisher, and what {@link #encode(ByteBuf)} throws is an error that cancels it.
   */
  default Flux<ByteBuf> encode(Publisher<? extends ByteBuf> contents) {
    return Flux.from(contents).map(this::encode);
  }

  /** Lines that end with LF, a CR before it belonging to the end: {@link Records#lines()}. */
  static Framing lines() {
    return records(Records.lines()).maxLength(DEFAULT_MAX_LENGTH);
  }

  /**
   * Records with a terminator, with the limit and the overflow of {@code records}. Bytes after the
   * last terminator are a frame, too.
   */
  static Framing records(Records records) {
    return new RecordFraming(records);
  }

  /** The length in a field of its own, then the content. */
  static Framing lengthPrefixed(LengthField field) {
    return new PrefixFraming(field, DEFAULT_MAX_LENGTH);
  }

  /** <a href="https://cr.yp.to/proto/netstrings.txt">Netstrings</a>: {@code 5:hello,}. */
  static Framing netstrings() {
    return new NetstringFraming(DEFAULT_MAX_LENGTH);
  }

  /**
   * Header lines, of which one is {@code Content-Length}, an empty line, and the content: the base
   * protocol of the <a
   * href="https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol">Language
   * Server Protocol</a>. Lines end with CRLF, names are of any case, other headers are ignored. The
   * headers of a frame have 8 KiB together at most.
   */
  static Framing contentLength() {
    return new HeaderFraming(DEFAULT_MAX_LENGTH);
  }
}
