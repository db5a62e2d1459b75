/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * How bytes become text: a charset, and what is done about bytes that are no text in it. Immutable.
 *
 * <p>The default is UTF-8, whatever the locale of the machine says, and malformed bytes become
 * U+FFFD, as many as the Unicode standard recommends.
 */
public final class TextDecoding {

  /** What is done about bytes that make no text in the charset. */
  public enum Malformed {
    /** They become the replacement character, U+FFFD. */
    REPLACE,
    /** They end the stream with a {@link MalformedTextException}. */
    REPORT
  }

  private static final char REPLACEMENT = '\uFFFD';
  private static final TextDecoding UTF_8 =
      new TextDecoding(StandardCharsets.UTF_8, Malformed.REPLACE);

  private final Charset charset;
  private final Malformed malformed;

  /** The charset decodes each byte below 128 to the character of that number. */
  private final boolean keepsAscii;

  private TextDecoding(Charset charset, Malformed malformed) {
    this.charset = Objects.requireNonNull(charset, "charset");
    this.malformed = Objects.requireNonNull(malformed, "malformed");
    this.keepsAscii = charset.equals(StandardCharsets.UTF_8) || isSingleByteAscii(charset);
  }

  /** UTF-8, malformed bytes replaced: the default. */
  public static TextDecoding utf8() {
    return UTF_8;
  }

  /** Text in {@code charset}, malformed bytes replaced. */
  public static TextDecoding of(Charset charset) {
    return new TextDecoding(charset, Malformed.REPLACE);
  }

  /** The same charset with another answer to malformed bytes; {@code REPLACE} unless told. */
  public TextDecoding onMalformed(Malformed action) {
    return new TextDecoding(charset, action);
  }

  /** The charset of the bytes. */
  public Charset charset() {
    return charset;
  }

  /** What is done about malformed bytes. */
  public Malformed onMalformed() {
    return malformed;
  }

  /**
   * Decodes a byte stream into pieces of text, which joined are the text of the stream. A character
   * whose bytes are spread over chunks is never torn; at the end of {@code chunks} what is then
   * incomplete is malformed. A piece is never empty; usually there is one for each chunk.
   *
   * <p><b>Work</b> starts with the subscription; each subscription subscribes to {@code chunks}
   * once, and may be repeated as often as {@code chunks} may. <b>Demand:</b> a chunk is asked for
   * only when a piece is wanted and none can be made of what is held; unbounded demand is passed
   * on. <b>Thread:</b> the one that delivers chunks or the one that requests. <b>Ownership:</b>
   * chunks are released here, exactly once, also after an error or a cancel. <b>Cancel</b> cancels
   * {@code chunks} and releases what is held. <b>Errors:</b> {@link MalformedTextException} under
   * {@link Malformed#REPORT}, after the text before it; an error of {@code chunks}, after the text
   * that was complete.
   *
   * @param chunks bytes, each chunk from its reader index on
   */
  public Flux<String> decode(Publisher<? extends ByteBuf> chunks) {
    return DecodingFlux.of(chunks, () -> new TextChunkDecoder(this));
  }

  /**
   * Decodes bytes that are complete in themselves.
   *
   * @param offset of the first of them in the stream, for the error
   */
  String text(byte[] bytes, int from, int length, long offset) {
    String text = new String(bytes, from, length, charset);
    // The strict decoder is slower than the constructor, which leaves a mark where it replaced.
    if (malformed == Malformed.REPORT && text.indexOf(REPLACEMENT) >= 0) {
      verify(ByteBuffer.wrap(bytes, from, length), from, offset);
    }
    return text;
  }

  private void verify(ByteBuffer bytes, int from, long offset) {
    CharsetDecoder decoder = newDecoder();
    int room = (int) Math.ceil(bytes.remaining() * (double) decoder.maxCharsPerByte()) + 16;
    CoderResult result = decoder.decode(bytes, CharBuffer.allocate(room), true);
    if (result.isError()) {
      byte[] wrong = new byte[result.length()];
      bytes.get(bytes.position(), wrong);
      throw new MalformedTextException(charset, offset + bytes.position() - from, wrong);
    }
  }

  CharsetDecoder newDecoder() {
    CodingErrorAction action =
        malformed == Malformed.REPORT ? CodingErrorAction.REPORT : CodingErrorAction.REPLACE;
    return charset.newDecoder().onMalformedInput(action).onUnmappableCharacter(action);
  }

  /**
   * Whether a byte below 128 is always the ASCII character of that number, alone and whatever came
   * before it. True for UTF-8 and the single-byte charsets that extend ASCII, not for UTF-16,
   * Shift_JIS, ISO-2022 or EBCDIC.
   */
  boolean keepsAscii() {
    return keepsAscii;
  }

  private static boolean isSingleByteAscii(Charset charset) {
    if (!charset.canEncode() || charset.newEncoder().maxBytesPerChar() != 1.0f) {
      return false;
    }
    byte[] ascii = new byte[128];
    for (int i = 0; i < ascii.length; i++) {
      ascii[i] = (byte) i;
    }
    return new String(ascii, charset).equals(new String(ascii, StandardCharsets.US_ASCII));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TextDecoding that
        && charset.equals(that.charset)
        && malformed == that.malformed;
  }

  @Override
  public int hashCode() {
    return Objects.hash(charset, malformed);
  }

  @Override
  public String toString() {
    return "TextDecoding[" + charset.name() + ", " + malformed + "]";
  }
}
