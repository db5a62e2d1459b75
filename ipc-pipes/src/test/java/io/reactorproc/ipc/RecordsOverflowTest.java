/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.Records.Overflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class RecordsOverflowTest {

  private static final Records THREE = Records.lines().maxLength(3);

  @ParameterizedTest
  @EnumSource
  void recordOfExactlyTheLimit_isWhole(Overflow overflow) {
    byte[] input = Chunks.utf8("abc\r\nabc\nabc");
    for (int cut = 0; cut <= input.length; cut++) {
      Chunks chunks = Chunks.cut(input, cut);
      StepVerifier.create(THREE.onOverflow(overflow).decodeText(chunks.flux()))
          .expectNext("abc", "abc", "abc")
          .verifyComplete();
      chunks.assertReleased();
    }
  }

  @Test
  void error_deliversTheRecordsBefore_andCarriesLimitOffsetAndHead() {
    byte[] input = Chunks.utf8("ab\n\nabcd\nef\n");
    for (int cut = 0; cut <= input.length; cut++) {
      Chunks chunks = Chunks.cut(input, cut);
      StepVerifier.create(THREE.decodeText(chunks.flux()))
          .expectNext("ab", "")
          .expectErrorSatisfies(
              error -> {
                assertThat(error).isInstanceOf(RecordTooLongException.class);
                RecordTooLongException tooLong = (RecordTooLongException) error;
                assertThat(tooLong.limit()).isEqualTo(3);
                assertThat(tooLong.offset()).isEqualTo(4);
                assertThat(tooLong.head()).isEqualTo(Chunks.utf8("abc"));
              })
          .verify();
      chunks.assertReleased();
    }
  }

  @Test
  void error_comesWithoutATerminatorInSight() {
    Chunks chunks = Chunks.of("abcd");
    StepVerifier.create(THREE.decodeText(chunks.flux().concatWith(Flux.never())))
        .verifyError(RecordTooLongException.class);
    chunks.assertReleased();
  }

  @Test
  void error_atTheEnd_countsACrWithoutLf() {
    Chunks chunks = Chunks.of("abc", "\r");
    StepVerifier.create(THREE.decodeText(chunks.flux())).verifyError(RecordTooLongException.class);
    chunks.assertReleased();
  }

  @Test
  void error_keepsNoMoreThanItsBoundOfTheHead() {
    Chunks chunks = Chunks.of("x".repeat(20_000));
    StepVerifier.create(Records.lines().maxLength(10_000).decodeText(chunks.flux()))
        .expectErrorSatisfies(
            error ->
                assertThat(((RecordTooLongException) error).head())
                    .hasSize(RecordTooLongException.HEAD_LIMIT))
        .verify();
  }

  @Test
  void error_comesAtTheSameRecordHoweverTheChunksAreCut() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      StringBuilder input = new StringBuilder();
      for (int i = random.nextInt(8); i >= 0; i--) {
        input.append("x".repeat(random.nextInt(5))).append(random.nextBoolean() ? "\n" : "\r\n");
      }
      List<String> all = ReferenceRecords.lines(input.toString());
      List<String> expected = ReferenceRecords.limited(all, 3, Overflow.ERROR);
      Chunks chunks = Chunks.random(Chunks.utf8(input.toString()), 6, random);
      List<String> delivered = new ArrayList<>();
      List<Throwable> errors = new ArrayList<>();
      THREE.decodeText(chunks.flux()).subscribe(delivered::add, errors::add);
      assertThat(delivered).as("seed %d", seed).isEqualTo(expected);
      assertThat(errors).hasSize(expected.size() < all.size() ? 1 : 0);
      chunks.assertReleased();
    }
  }

  @Test
  void split_deliversPiecesAsSoonAsTheyAreCertain() {
    Chunks chunks = Chunks.of("abcdefg");
    StepVerifier.create(
            THREE.onOverflow(Overflow.SPLIT).decodeText(chunks.flux().concatWith(Flux.never())))
        .expectNext("abc", "def")
        .thenCancel()
        .verify();
    chunks.assertReleased();
  }

  @Test
  void split_ofAMultipleOfTheLimit_hasNoEmptyPiece() {
    Chunks chunks = Chunks.of("abcd", "ef\n", "g");
    StepVerifier.create(THREE.onOverflow(Overflow.SPLIT).decodeText(chunks.flux()))
        .expectNext("abc", "def", "g")
        .verifyComplete();
  }

  @Test
  void truncate_dropsTheRestOverManyChunks() {
    Chunks chunks = Chunks.of("abcd", "efg", "hij", "k\nnext\n", "l");
    StepVerifier.create(THREE.onOverflow(Overflow.TRUNCATE).decodeText(chunks.flux()))
        .expectNext("abc", "nex", "l")
        .verifyComplete();
    chunks.assertReleased();
  }

  @ParameterizedTest
  @ValueSource(ints = {61, 4096, 1 << 20})
  void longRecord_isOneWholeWithinTheLimit(int chunkSize) {
    String record = "0123456789".repeat(10_000);
    Chunks chunks = Chunks.sized(Chunks.utf8(record + "\n"), chunkSize);
    StepVerifier.create(
            Records.lines()
                .maxLength(100_000)
                .decode(chunks.flux())
                .map(
                    slice -> {
                      String text = slice.toString(UTF_8);
                      slice.release();
                      return text;
                    }))
        .expectNext(record)
        .verifyComplete();
    chunks.assertReleased();
  }
}
