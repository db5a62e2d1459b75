/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Makes chunks of bytes into chunks of text. The bytes of a character that is not complete wait at
 * the front of {@code bytes} for the next chunk.
 */
final class TextChunkDecoder implements StreamDecoder<String> {

  /** Bytes decoded into one {@code String}; longer chunks make several. */
  private static final int LIMIT = 64 * 1024;

  private final TextDecoding decoding;
  private final CharsetDecoder decoder;
  private final boolean asciiIsItself;

  private ByteBuffer bytes = ByteBuffer.allocate(0); // between calls: filled up to its position
  private CharBuffer chars = CharBuffer.allocate(0);

  private @Nullable ByteBuf chunk;
  private boolean ending;

  /** Bytes of the stream before those in {@code bytes}. */
  private long offset;

  private @Nullable String text;
  private @Nullable MalformedTextException failure;

  TextChunkDecoder(TextDecoding decoding) {
    this.decoding = decoding;
    this.decoder = decoding.newDecoder();
    this.asciiIsItself = decoding.keepsAscii();
  }

  @Override
  public void feed(ByteBuf next) {
    chunk = next;
  }

  @Override
  public void end() {
    ending = true;
  }

  @Override
  public boolean hasNext() {
    while (text == null && failure == null) {
      ByteBuf source = chunk;
      if (source != null) {
        decodePart(source);
      } else if (ending) {
        ending = false;
        decode(true);
      } else {
        return false;
      }
    }
    if (text == null && failure != null) {
      throw failure;
    }
    return true;
  }

  private void decodePart(ByteBuf source) {
    int size = Math.min(source.readableBytes(), LIMIT);
    reserve(size);
    int from = bytes.position();
    source.readBytes(bytes.array(), from, size);
    bytes.position(from + size);
    if (!source.isReadable()) {
      chunk = null;
      source.release();
    }
    if (asciiIsItself && from == 0 && Swar.isAscii(bytes.array(), 0, size)) {
      offset += size;
      bytes.clear();
      offer(new String(bytes.array(), 0, size, StandardCharsets.ISO_8859_1));
    } else {
      decode(false);
    }
  }

  private void reserve(int size) {
    if (bytes.remaining() < size) {
      ByteBuffer larger = ByteBuffer.allocate(bytes.position() + size);
      larger.put(bytes.flip());
      bytes = larger;
    }
  }

  private void decode(boolean last) {
    bytes.flip();
    int room = (int) Math.ceil(bytes.remaining() * (double) decoder.maxCharsPerByte()) + 16;
    if (chars.capacity() < room) {
      chars = CharBuffer.allocate(room);
    }
    chars.clear();
    CoderResult result = decoder.decode(bytes, chars, last);
    if (last && !result.isError()) {
      result = decoder.flush(chars);
    }
    if (result.isError()) {
      byte[] malformed = new byte[result.length()];
      bytes.get(bytes.position(), malformed);
      failure =
          new MalformedTextException(decoding.charset(), offset + bytes.position(), malformed);
    }
    offset += bytes.position();
    bytes.compact();
    offer(chars.flip().toString());
  }

  private void offer(String decoded) {
    if (!decoded.isEmpty()) {
      text = decoded;
    }
  }

  @Override
  public String next() {
    String decoded = text;
    if (decoded == null) {
      throw new IllegalStateException("hasNext() was not asked");
    }
    text = null;
    return decoded;
  }

  @Override
  public void discard() {
    text = null;
    ByteBuf source = chunk;
    if (source != null) {
      chunk = null;
      source.release();
    }
  }
}
