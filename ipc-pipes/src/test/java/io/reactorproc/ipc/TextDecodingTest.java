/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.TextDecoding.Malformed;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class TextDecodingTest {

  private static final TextDecoding STRICT = TextDecoding.utf8().onMalformed(Malformed.REPORT);

  @ParameterizedTest
  @ValueSource(
      strings = {"UTF-8", "UTF-16", "UTF-16LE", "UTF-32", "Shift_JIS", "ISO-2022-JP", "GB18030"})
  void decode_isTheSameWhereverTheChunksAreCut(String name) {
    Charset charset = Charset.forName(name);
    String text = "abc 日本語 d 漢字\n";
    byte[] input = text.getBytes(charset);
    for (int first = 0; first <= input.length; first++) {
      for (int second = first; second <= input.length; second++) {
        Chunks chunks = Chunks.cut(input, first, second);
        TextDecoding decoding = TextDecoding.of(charset).onMalformed(Malformed.REPORT);
        assertThat(join(decoding.decode(chunks.flux()))).isEqualTo(text);
        chunks.assertReleased();
      }
    }
  }

  @Test
  void decode_keepsSurrogatePairsWhole() {
    byte[] input = Chunks.utf8("\uD83D\uDE00\uD83D\uDE01");
    StepVerifier.create(TextDecoding.utf8().decode(Chunks.cut(input, 2, 6).flux()))
        .expectNext("\uD83D\uDE00", "\uD83D\uDE01")
        .verifyComplete();
  }

  @Test
  void decode_replacesMalformedBytesAsStringDoes() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      byte[] input = halfText(random, 60);
      Chunks chunks = Chunks.random(input, 1 + random.nextInt(8), random);
      assertThat(join(TextDecoding.utf8().decode(chunks.flux())))
          .as("seed %d", seed)
          .isEqualTo(new String(input, UTF_8));
      chunks.assertReleased();
    }
  }

  @Test
  void decode_replacesACharacterCutOffByTheEnd() {
    StepVerifier.create(TextDecoding.utf8().decode(Chunks.cut(bytes('a', 0xE2, 0x82), 2).flux()))
        .expectNext("a", "\uFFFD")
        .verifyComplete();
  }

  @Test
  void decode_waitsForDemandWithTheLastPiece() {
    StepVerifier.create(TextDecoding.utf8().decode(Chunks.cut(bytes('a', 0xE2, 0x82), 2).flux()), 1)
        .expectNext("a")
        .thenRequest(1)
        .expectNext("\uFFFD")
        .verifyComplete();
  }

  @Test
  void decode_makesALongChunkIntoSeveralPieces() {
    String text = "0123456789ä".repeat(50_000);
    Chunks chunks = Chunks.of(text);
    assertThat(join(TextDecoding.utf8().decode(chunks.flux()))).isEqualTo(text);
    chunks.assertReleased();
  }

  @Test
  void report_namesOffsetAndBytes_whereverTheChunksAreCut() {
    byte[] input = bytes('a', 0xC3, 0xA4, '\n', 'b', 0xE2, 0x82, 'c');
    for (int cut = 0; cut <= input.length; cut++) {
      Chunks chunks = Chunks.cut(input, cut);
      StepVerifier.create(STRICT.decode(chunks.flux()).reduce("", String::concat))
          .expectErrorSatisfies(error -> assertMalformed(error, 5, 0xE2, 0x82))
          .verify();
      chunks.assertReleased();
    }
  }

  @Test
  void report_deliversTheTextBefore() {
    StepVerifier.create(STRICT.decode(Chunks.cut(bytes('a', 'b', 0xFF, 'c')).flux()))
        .expectNext("ab")
        .expectErrorSatisfies(error -> assertMalformed(error, 2, 0xFF))
        .verify();
  }

  @Test
  void report_ofRecords_deliversTheRecordsBefore_whereverTheChunksAreCut() {
    byte[] input = bytes('a', 0xC3, 0xA4, '\n', 'b', 0xE2, 0x82, 'c', '\n', 'd', '\n');
    for (int cut = 0; cut <= input.length; cut++) {
      Chunks chunks = Chunks.cut(input, cut);
      StepVerifier.create(Records.lines().decodeText(chunks.flux(), STRICT))
          .expectNext("aä")
          .expectErrorSatisfies(error -> assertMalformed(error, 5, 0xE2, 0x82))
          .verify();
      chunks.assertReleased();
    }
  }

  @Test
  void report_takesAGenuineReplacementCharacterForText() {
    Chunks chunks = Chunks.of("a\uFFFDb\n");
    StepVerifier.create(Records.lines().decodeText(chunks.flux(), STRICT))
        .expectNext("a\uFFFDb")
        .verifyComplete();
  }

  @Test
  void utf8_isTheDefault() {
    assertThat(TextDecoding.utf8()).isEqualTo(TextDecoding.of(UTF_8));
    assertThat(TextDecoding.utf8().onMalformed()).isEqualTo(Malformed.REPLACE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "US-ASCII", "ISO-8859-15", "windows-1252"})
  void keepsAscii_ofWhatExtendsAscii(String name) {
    assertThat(TextDecoding.of(Charset.forName(name)).keepsAscii()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "Shift_JIS", "ISO-2022-JP", "GB18030", "IBM037"})
  void keepsAscii_notOfWhatMayUseItsBytesOtherwise(String name) {
    assertThat(TextDecoding.of(Charset.forName(name)).keepsAscii()).isFalse();
  }

  private static void assertMalformed(Throwable error, long offset, int... wrong) {
    assertThat(error).isInstanceOf(MalformedTextException.class);
    MalformedTextException malformed = (MalformedTextException) error;
    assertThat(malformed.offset()).isEqualTo(offset);
    assertThat(malformed.bytes()).isEqualTo(bytes(wrong));
    assertThat(malformed.charset()).isEqualTo("UTF-8");
  }

  private static String join(Flux<String> pieces) {
    return String.join("", pieces.collectList().blockOptional().orElseThrow());
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** Whole characters, torn ones and arbitrary bytes. */
  private static byte[] halfText(Random random, int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (out.size() < length) {
      byte[] character =
          Chunks.utf8(new String[] {"a", "é", "€", "\uD83D\uDE00"}[random.nextInt(4)]);
      out.write(character, 0, 1 + random.nextInt(character.length));
      if (random.nextInt(5) == 0) {
        out.write(random.nextInt(256));
      }
    }
    return out.toByteArray();
  }
}
