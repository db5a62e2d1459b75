/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.Chunks;
import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.frame.Framings.Decoded;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** What each framing does about bytes that are wrong, one by one. */
class FramingErrorsTest {

  /** Decodes after one good frame, in several chunkings, which must not matter. */
  private static Throwable failure(Framing framing, byte[] bad) {
    // Many small chunks are slow under leak detection.
    int[] sizes = bad.length > 1000 ? new int[] {10_000, 700} : new int[] {10_000, 1, 2, 5};
    byte[] good = Framings.encode(framing, Chunks.utf8("ok"));
    Throwable first = null;
    for (int size : sizes) {
      byte[] stream = ByteBufUtil.getBytes(Unpooled.wrappedBuffer(good, bad));
      Chunks chunks = Chunks.sized(stream, size);
      Decoded decoded = Framings.decode(framing, chunks.flux());
      assertThat(decoded.frames()).hasSize(1);
      assertThat(decoded.error())
          .isInstanceOfSatisfying(
              FramingException.class,
              failure -> assertThat(failure.offset()).isEqualTo(good.length));
      chunks.assertReleased();
      if (first != null) {
        assertThat(decoded.error()).hasMessage(first.getMessage());
      }
      first = decoded.error();
    }
    return Objects.requireNonNull(first);
  }

  private static void malformed(Framing framing, String bad, String problem) {
    assertThat(failure(framing, bad.getBytes(ISO_8859_1)))
        .isInstanceOfSatisfying(
            MalformedFrameException.class,
            failure -> assertThat(failure.problem()).contains(problem));
  }

  private static void tooLong(Framing framing, byte[] bad, long length) {
    assertThat(failure(framing, bad))
        .isInstanceOfSatisfying(
            FrameTooLongException.class,
            failure -> {
              assertThat(failure.limit()).isEqualTo(framing.maxLength());
              if (length < 0) {
                assertThat(failure.length()).isEmpty();
              } else {
                assertThat(failure.length()).hasValue(length);
              }
            });
  }

  @ParameterizedTest
  @CsvSource({
    "U32, FFFFFFFF, 4294967295", // 4 GiB less one, or -1 for who reads it as signed
    "U32, 80000000, 2147483648",
    "U32, 01000001, 16777217",
    "U32_LE, 01000001, 16777217",
    "U32_LE, FFFFFFFF, 4294967295",
    "VARINT, FFFFFFFF0F, 4294967295",
    "VARINT, FFFFFFFFFFFFFFFF7F, 9223372036854775807"
  })
  void aLengthOverTheLimit_isToldExactly(LengthField field, String hex, long length) {
    tooLong(Framing.lengthPrefixed(field), HexFormat.of().parseHex(hex), length);
  }

  @ParameterizedTest
  @CsvSource({
    "8000, longer varint than",
    "818000, longer varint than",
    "FFFFFFFFFFFFFFFFFF01, more than 9 bytes",
    "80808080808080808080, more than 9 bytes"
  })
  void anOverlongVarint_isMalformed(String hex, String problem) {
    malformed(
        Framing.lengthPrefixed(LengthField.VARINT),
        new String(HexFormat.of().parseHex(hex), ISO_8859_1),
        problem);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "05:hello;, superfluous 0",
        "00:;, superfluous 0",
        "5hello;, no colon",
        "5;, no colon",
        ":hello;, begins with a digit",
        "-1:x;, begins with a digit",
        "+1:x;, begins with a digit",
        "\" 1:x;\", begins with a digit",
        "hello, begins with a digit",
        "5:hello!, no comma",
        "3:hello;, no comma"
      })
  void aMalformedNetstring_isSaid(String text, String problem) {
    malformed(Framing.netstrings(), text.replace(';', ','), problem);
  }

  @Test
  void aNetstringOfTooMany_isTooLong() {
    tooLong(Framing.netstrings(), Chunks.utf8("4294967296:"), 4_294_967_296L);
    tooLong(Framing.netstrings(), Chunks.utf8("999999999999999999:"), 999_999_999_999_999_999L);
    tooLong(Framing.netstrings(), Chunks.utf8("9".repeat(19)), -1);
    tooLong(Framing.netstrings(), Chunks.utf8("9".repeat(5000)), -1);
  }

  @ParameterizedTest
  @CsvSource({
    "Content-Type: x|..., no Content-Length",
    "|..., no Content-Length",
    "Content-Length: 1|Content-Length: 1|.x, comes twice",
    "Content-Length: 1|content-length: 2|.x, comes twice",
    "Content-Length 1|.x, no colon",
    ": 1|.x, no name",
    "Content-Length : 1|.x, a space after it",
    "Content-Length: |.x, no value",
    "Content-Length: -1|.x, no number",
    "Content-Length: 1 2|.x, no number",
    "Content-Length: 0x10|.x, no number",
    "Content-Length: 1_.x, LF alone",
    "Content-Length: 1~x|.x, CR inside"
  })
  void malformedHeaders_areSaid(String text, String problem) {
    String bytes =
        text.replace("|", "\r\n").replace(".", "\r\n").replace("_", "\n").replace("~", "\r");
    malformed(Framing.contentLength(), bytes, problem);
  }

  @Test
  void headersWithoutEnd_areCutOff() {
    malformed(Framing.contentLength(), "x".repeat(20_000), "longer than 8192");
    malformed(Framing.contentLength(), "a: b\r\n".repeat(3_000), "longer than 8192");
  }

  @Test
  void aContentLengthOfTooMany_isTooLong() {
    tooLong(Framing.contentLength(), Chunks.utf8("Content-Length: 4294967296\r\n\r\n"), 1L << 32);
    tooLong(
        Framing.contentLength(), Chunks.utf8("Content-Length: " + "9".repeat(30) + "\r\n\r\n"), -1);
  }

  @Test
  void headersOfAnyOtherKind_areSkipped() {
    String stream =
        "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nCONTENT-length:\t 2 \r\n\r\nab"
            + "Content-Length:3\r\nX:\r\n\r\ncde";
    Chunks chunks = Chunks.sized(Chunks.utf8(stream), 3);

    Decoded decoded = Framings.decode(Framing.contentLength(), chunks.flux());

    assertThat(decoded.error()).isNull();
    assertThat(decoded.frames()).map(String::new).containsExactly("ab", "cde");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 3\r\n\r\n",
        "Content-Length: 003\r\n\r\n",
        "Content-Length: 0000000003\r\n\r\n",
        "Content-Length: 3 \r\n\r\n",
        "Content-Length:  3\r\n\r\n",
        "content-length: 3\r\n\r\n",
        "Content-Length: 3\r\nX: y\r\n\r\n"
      })
  void theSameLengthWrittenInAnyWay_isTheSame(String headers) {
    byte[] stream = Chunks.utf8((headers + "abc").repeat(3));
    for (int size = 1; size <= stream.length; size++) {
      Chunks chunks = Chunks.sized(stream, size);
      Decoded decoded = Framings.decode(Framing.contentLength(), chunks.flux());

      assertThat(decoded.error()).as("chunks of %d", size).isNull();
      assertThat(decoded.frames()).map(String::new).containsExactly("abc", "abc", "abc");
    }
  }

  @Test
  void aTruncatedFrame_tellsHowMuchIsMissing() {
    assertThat(failure(Framing.lengthPrefixed(LengthField.U16), new byte[] {0, 9, 'x', 'y'}))
        .isInstanceOfSatisfying(
            TruncatedFrameException.class, failure -> assertThat(failure.missing()).hasValue(7));
    assertThat(failure(Framing.lengthPrefixed(LengthField.U16), new byte[] {0}))
        .isInstanceOfSatisfying(
            TruncatedFrameException.class, failure -> assertThat(failure.missing()).isEmpty());
  }

  @Test
  void aLineWithoutEndInSight_isTooLong() {
    tooLong(Framing.lines().maxLength(10), Chunks.utf8("x".repeat(11)), -1);
  }

  // Contents that cannot be sent.

  @ParameterizedTest
  @MethodSource("io.reactorproc.ipc.frame.Framings#all")
  void aContentOverTheLimit_isNotSent(Framing framing) {
    Framing bounded = framing.maxLength(5);
    ByteBuf content = PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(new byte[6]);

    assertThatThrownBy(() -> bounded.encode(content)).isInstanceOf(FrameTooLongException.class);
    assertThat(content.refCnt()).isZero();
  }

  @Test
  void aContentLongerThanItsFieldCanTell_isNotSent() {
    ByteBuf content = Unpooled.wrappedBuffer(new byte[256]);

    assertThatThrownBy(() -> Framing.lengthPrefixed(LengthField.U8).encode(content))
        .isInstanceOfSatisfying(
            FrameTooLongException.class, error -> assertThat(error.limit()).isEqualTo(255));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "\n", "a\r", "\r"})
  void aLineThatWouldComeOutAsAnother_isNotSent(String line) {
    assertThatThrownBy(() -> Framing.lines().encode(Unpooled.wrappedBuffer(Chunks.utf8(line))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"xaa", "xa", "a", "aab"})
  void aRecordThatWouldEndEarly_isNotSent(String record) {
    Framing framing = Framing.records(Records.separatedBy("aa"));

    assertThatThrownBy(() -> framing.encode(Unpooled.wrappedBuffer(Chunks.utf8(record))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, (1 << 30) + 1})
  void aLimitOutOfRange_isRefused(int limit) {
    List<Framing> all =
        List.of(
            Framing.lines(),
            Framing.netstrings(),
            Framing.contentLength(),
            Framing.lengthPrefixed(LengthField.U32));
    assertThat(all)
        .allSatisfy(
            framing ->
                assertThatThrownBy(() -> framing.maxLength(limit))
                    .isInstanceOf(IllegalArgumentException.class));
  }

  @Test
  void aContentThatCannotBeSent_cancelsTheOthersAndIsReleased() {
    ByteBuf bad = PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(new byte[6]);
    Flux<ByteBuf> contents = Flux.just(bad).concatWith(Flux.never());

    StepVerifier.create(Framing.netstrings().maxLength(5).encode(contents))
        .verifyError(FrameTooLongException.class);
    assertThat(bad.refCnt()).isZero();
  }
}
