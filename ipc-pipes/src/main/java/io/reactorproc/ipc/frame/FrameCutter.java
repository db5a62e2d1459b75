/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.StreamDecoder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts chunks into frames that say their length first. How they say it is the subclass's part.
 *
 * <p>A content is either inside the current chunk, and becomes a slice of it, or {@code joined}
 * gathers it over several chunks. That buffer grows with what has come and never to more than the
 * frame, so a peer that announces much and sends little gets little.
 */
abstract class FrameCutter implements StreamDecoder<ByteBuf> {
  /** The answer of {@link #header} that more bytes are needed. */
  static final int MORE = -1;

  /** References are taken in blocks, because each taking is an atomic operation. */
  private static final int BLOCK = 128;

  /** As much is allocated on the word of the peer alone. */
  private static final int TRUSTED = 64 * 1024;

  private final int maxLength;
  private final int trailer;

  private @Nullable ByteBuf chunk;
  private int chunkStart;

  /** References to the chunk that were taken and not yet given away with a slice. */
  private int spare;

  /** Bytes of the stream before the current chunk. */
  private long chunkOffset;

  private long frameOffset;

  /** A byte of the frame has come. */
  private boolean begun;

  /** The length is known. */
  private boolean known;

  private int length;
  private @Nullable ByteBuf joined;

  /** {@link #hasNext} found a frame. */
  private boolean ready;

  private boolean ended;

  /**
   * @param trailer bytes after the content that belong to the frame, 0 or 1
   */
  FrameCutter(int maxLength, int trailer) {
    this.maxLength = maxLength;
    this.trailer = trailer;
  }

  /**
   * Reads the length, or as much of it as the chunk has; the rest comes with the next one. After a
   * length it is ready for the next frame.
   *
   * @return the length, by {@link #checked}, or {@link #MORE} if all of the chunk was read
   */
  abstract int header(ByteBuf chunk);

  /** Looks at the byte after the content, where there is to be one. */
  void checkTrailer(byte found) {}

  /** The length, if it is allowed. */
  final int checked(long announced) {
    if (announced > maxLength) {
      throw FrameTooLongException.announced(announced, maxLength, frameOffset);
    }
    return (int) announced;
  }

  final FramingException malformed(String problem) {
    return new MalformedFrameException(problem, frameOffset);
  }

  final FramingException beyondCount() {
    return FrameTooLongException.beyondCount(maxLength, frameOffset);
  }

  @Override
  public final void feed(ByteBuf next) {
    chunk = next;
    chunkStart = next.readerIndex();
  }

  @Override
  public final void end() {
    ended = true;
  }

  @Override
  public final boolean hasNext() {
    if (ready) {
      return true;
    }
    ByteBuf current = chunk;
    if (current != null) {
      if (takeHeader(current) && takeContent(current)) {
        ready = true;
        return true;
      }
      chunkOffset += current.readerIndex() - chunkStart;
      forget(current);
    }
    if (ended && begun) {
      throw truncated();
    }
    return false;
  }

  private boolean takeHeader(ByteBuf current) {
    if (known) {
      return true;
    }
    if (!begun) {
      if (!current.isReadable()) {
        return false;
      }
      begun = true;
      frameOffset = chunkOffset + current.readerIndex() - chunkStart;
    }
    int found = header(current);
    if (found == MORE) {
      return false;
    }
    known = true;
    length = found;
    return true;
  }

  /** Whether the whole content is there; otherwise all of the chunk was taken. */
  private boolean takeContent(ByteBuf current) {
    int whole = length + trailer;
    ByteBuf part = joined;
    if (part == null) {
      if (current.readableBytes() >= whole) {
        if (trailer > 0) {
          checkTrailer(current.getByte(current.readerIndex() + length));
        }
        return true;
      }
      if (!current.isReadable()) {
        return false;
      }
      part = PooledByteBufAllocator.DEFAULT.directBuffer(Math.min(whole, TRUSTED), whole);
      joined = part;
    }
    int now = Math.min(whole - part.writerIndex(), current.readableBytes());
    int needed = part.writerIndex() + now;
    if (part.capacity() < needed) {
      part.capacity((int) Math.min(whole, Math.max(needed, 2L * part.capacity())));
    }
    part.writeBytes(current, now);
    if (part.writerIndex() < whole) {
      return false;
    }
    if (trailer > 0) {
      checkTrailer(part.getByte(length));
    }
    return true;
  }

  @Override
  public final ByteBuf next() {
    ready = false;
    known = false;
    begun = false;
    ByteBuf whole = joined;
    if (whole != null) {
      joined = null;
      return whole.writerIndex(length);
    }
    ByteBuf current = Objects.requireNonNull(chunk);
    int start = current.readerIndex();
    current.skipBytes(length + trailer);
    return length == 0 ? Unpooled.EMPTY_BUFFER : slice(current, start);
  }

  private ByteBuf slice(ByteBuf current, int start) {
    if (spare == 0) {
      current.retain(BLOCK);
      spare = BLOCK;
    }
    spare--;
    return current.slice(start, length);
  }

  private FramingException truncated() {
    ByteBuf part = joined;
    int gathered = part == null ? 0 : part.writerIndex();
    return new TruncatedFrameException(
        chunkOffset - frameOffset, known ? length + trailer - gathered : -1, frameOffset);
  }

  private void forget(ByteBuf current) {
    int references = spare + 1; // the one that came with the chunk
    spare = 0;
    chunk = null;
    current.release(references);
  }

  @Override
  public final void discard() {
    ready = false;
    begun = false;
    ByteBuf part = joined;
    if (part != null) {
      joined = null;
      part.release();
    }
    ByteBuf current = chunk;
    if (current != null) {
      forget(current);
    }
  }
}
