/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.Records.Overflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

class RecordsTest {

  private static final TextDecoding LATIN_1 = TextDecoding.of(ISO_8859_1);

  /** A way to end a record, its reference, and an input that has every case of it. */
  record Cut(
      String name, Records records, Function<String, List<String>> reference, String example) {

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Cut> cuts() {
    return Stream.of(
        new Cut("LF", Records.lines(), ReferenceRecords::lines, "a\r\n\nbc\r\r\n\rd\n\r\n\re\r"),
        new Cut(
            "LF, CRLF, CR",
            Records.universalLines(),
            ReferenceRecords::universalLines,
            "a\r\n\nbc\r\r\nd\n\r\rx\r\n"),
        new Cut(
            "NUL",
            Records.nulSeparated(),
            input -> ReferenceRecords.separatedBy("\0", input),
            "a\n\0\0b c\0de"),
        new Cut(
            "blank line",
            Records.separatedBy("\n\n"),
            input -> ReferenceRecords.separatedBy("\n\n", input),
            "a\nb\n\nc\n\n\n\n\nd\n"),
        new Cut(
            "self-similar",
            Records.separatedBy("aabaaa"),
            input -> ReferenceRecords.separatedBy("aabaaa", input),
            "aabaabaaaxaabaaaaabaaabaaaaab"));
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void decode_isTheSameWhereverTheChunksAreCut(Cut cut) {
    byte[] input = cut.example().getBytes(ISO_8859_1);
    List<String> expected = cut.reference().apply(cut.example());
    for (int first = 0; first <= input.length; first++) {
      for (int second = first; second <= input.length; second++) {
        assertAllWays(cut.records(), Chunks::cut, input, new int[] {first, second}, expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void decode_isTheSameByteByByte(Cut cut) {
    byte[] input = cut.example().getBytes(ISO_8859_1);
    List<String> expected = cut.reference().apply(cut.example());
    int[] everywhere = new int[input.length];
    for (int i = 0; i < everywhere.length; i++) {
      everywhere[i] = i;
    }
    assertAllWays(cut.records(), Chunks::cut, input, everywhere, expected);
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void decode_agreesWithTheReferenceOnRandomInput(Cut cut) {
    for (int seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      String input = randomInput(random, random.nextInt(300));
      int most = 1 + random.nextInt(40);
      int chunkSeed = seed;
      assertAllWays(
          cut.records(),
          (bytes, ignored) -> Chunks.random(bytes, most, new Random(chunkSeed)),
          input.getBytes(ISO_8859_1),
          new int[0],
          cut.reference().apply(input));
    }
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void limitedRecords_agreeWithTheReferenceOnRandomInput(Cut cut) {
    for (int seed = 0; seed < 250; seed++) {
      Random random = new Random(seed);
      String input = randomInput(random, random.nextInt(200));
      int limit = 1 + random.nextInt(12);
      Overflow overflow = random.nextBoolean() ? Overflow.SPLIT : Overflow.TRUNCATE;
      int most = 1 + random.nextInt(20);
      int chunkSeed = seed;
      assertAllWays(
          cut.records().maxLength(limit).onOverflow(overflow),
          (bytes, ignored) -> Chunks.random(bytes, most, new Random(chunkSeed)),
          input.getBytes(ISO_8859_1),
          new int[0],
          ReferenceRecords.limited(cut.reference().apply(input), limit, overflow));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 65_536, 65_537, 1_000_000, 5_000_000})
  void decode_cutsChunksLargerThanAWindow(int chunkSize) {
    Random random = new Random(42);
    StringBuilder input = new StringBuilder();
    List<String> expected = new ArrayList<>();
    while (input.length() < 2_000_000) {
      String line = "x".repeat(random.nextInt(random.nextInt(10) == 0 ? 200_000 : 2_000));
      expected.add(line);
      input.append(line).append(random.nextBoolean() ? "\n" : "\r\n");
    }
    byte[] bytes = Chunks.utf8(input.toString());
    assertAllWays(
        Records.lines(), (b, ignored) -> Chunks.sized(b, chunkSize), bytes, new int[0], expected);
  }

  @Test
  void decode_ofNothingHasNoRecord() {
    assertAllWays(Records.lines(), Chunks::cut, new byte[0], new int[0], List.of());
  }

  @Test
  void universalLines_deliversALineThatEndsWithCrAtOnce() {
    Chunks chunks = Chunks.of("10 %\r");
    List<String> lines = new ArrayList<>();
    Records.universalLines()
        .decodeText(chunks.flux().concatWith(Flux.never()))
        .subscribe(lines::add)
        .dispose();
    assertThat(lines).containsExactly("10 %");
  }

  @Test
  void decodeText_inWideCharsetCutsTheText() {
    String text = "one\u0A0A\ntwo\u0D0A\r\nthree";
    byte[] input = text.getBytes(UTF_16LE);
    for (int cut = 0; cut <= input.length; cut++) {
      Chunks chunks = Chunks.cut(input, cut);
      assertThat(
              Records.lines()
                  .decodeText(chunks.flux(), TextDecoding.of(UTF_16LE))
                  .collectList()
                  .block())
          .containsExactly("one\u0A0A", "two\u0D0A", "three");
      chunks.assertReleased();
    }
  }

  @Test
  void decodeText_keepsCharactersThatAreSplitOverChunks() {
    byte[] input = Chunks.utf8("äöü\n€ \uD83D\uDE00\n");
    for (int cut = 0; cut <= input.length; cut++) {
      Chunks chunks = Chunks.cut(input, cut);
      assertThat(Records.lines().decodeText(chunks.flux()).collectList().block())
          .containsExactly("äöü", "€ \uD83D\uDE00");
    }
  }

  @Test
  void separatedBy_refusesNothing() {
    assertThatIllegalArgumentException().isThrownBy(Records::separatedBy);
    assertThatIllegalArgumentException().isThrownBy(() -> Records.separatedBy(""));
  }

  @Test
  void separatedBy_keepsACopyOfTheSeparator() {
    byte[] separator = {';', ';'};
    Records records = Records.separatedBy(separator);
    separator[0] = 'x';
    assertThat(records).isEqualTo(Records.separatedBy(";;"));
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, 0, Records.LARGEST_MAX_LENGTH + 1})
  void maxLength_refusesWhatIsOutOfRange(int bytes) {
    assertThatIllegalArgumentException().isThrownBy(() -> Records.lines().maxLength(bytes));
  }

  @Test
  void equals_comparesEveryPart() {
    assertThat(Records.lines()).isEqualTo(Records.lines()).hasSameHashCodeAs(Records.lines());
    assertThat(Records.lines())
        .isNotEqualTo(Records.universalLines())
        .isNotEqualTo(Records.separatedBy("\n"))
        .isNotEqualTo(Records.lines().maxLength(1))
        .isNotEqualTo(Records.lines().onOverflow(Overflow.SPLIT));
  }

  private interface Cutting {
    Chunks cut(byte[] input, int... positions);
  }

  /** Slices, batches and text give the records expected, and nothing stays held. */
  private static void assertAllWays(
      Records records, Cutting cutting, byte[] input, int[] positions, List<String> expected) {
    String how = records + " of " + input.length + " bytes";
    Chunks forSlices = cutting.cut(input, positions);
    assertThat(records.decode(forSlices.flux()).map(RecordsTest::take).collectList().block())
        .as(how)
        .isEqualTo(expected);
    forSlices.assertReleased();

    Chunks forText = cutting.cut(input, positions);
    assertThat(records.decodeText(forText.flux(), LATIN_1).collectList().block())
        .as(how)
        .isEqualTo(expected);
    forText.assertReleased();

    Chunks forBatches = cutting.cut(input, positions);
    assertThat(
            records
                .decodeBatches(forBatches.flux())
                .concatMapIterable(RecordsTest::take)
                .collectList()
                .block())
        .as(how)
        .isEqualTo(expected);
    forBatches.assertReleased();
  }

  private static String take(ByteBuf record) {
    String text = record.toString(ISO_8859_1);
    record.release();
    return text;
  }

  private static List<String> take(RecordBatch batch) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      texts.add(batch.text(i, ISO_8859_1));
      assertThat(batch.bytes(i)).hasSize(batch.length(i));
    }
    batch.release();
    return texts;
  }

  /** Mostly bytes that matter to some terminator. */
  private static String randomInput(Random random, int length) {
    String alphabet = "aaab\r\n\n\0x\u00e9";
    StringBuilder input = new StringBuilder();
    while (input.length() < length) {
      switch (random.nextInt(12)) {
        case 0 -> input.append("aabaaa");
        case 1 -> input.append("y".repeat(random.nextInt(30)));
        default -> input.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
    }
    return input.toString();
  }
}
