/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.Chunks;
import io.reactorproc.ipc.exchange.Malformed;
import io.reactorproc.ipc.exchange.MalformedMessageException;
import io.reactorproc.ipc.frame.FrameTooLongException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class NdjsonTest {
  /** A value on a line. */
  record Point(int x, int y) {}

  private static final byte[] POINTS = Chunks.utf8("{\"x\":1,\"y\":2}\n\n \t\r\n{\"x\":3,\"y\":4}");

  @Test
  void lines_becomeValuesHoweverTheyAreCut() {
    for (int size = 1; size <= POINTS.length; size++) {
      Chunks chunks = Chunks.sized(POINTS, size);
      StepVerifier.create(Ndjson.of(Point.class).decode(chunks.flux()))
          .expectNext(new Point(1, 2), new Point(3, 4))
          .verifyComplete();
      chunks.assertReleased();
    }
  }

  @Test
  void charactersCutByChunks_stayWhole() {
    byte[] text = Chunks.utf8("\"é€😀\"\n\"ж\"\n");
    for (int size = 1; size <= 5; size++) {
      Chunks chunks = Chunks.sized(text, size);
      StepVerifier.create(Ndjson.of(String.class).decode(chunks.flux()))
          .expectNext("é€😀", "ж")
          .verifyComplete();
    }
  }

  @Test
  void values_becomeLinesWithoutLineFeeds() {
    Ndjson<Map<?, ?>> maps = pretty();
    String encoded =
        maps.encode(Flux.just(Map.of("text", "two\nlines"), Map.of("n", List.of(1, 2))))
            .map(NdjsonTest::text)
            .collectList()
            .map(all -> String.join("", all))
            .blockOptional()
            .orElseThrow();

    assertThat(encoded).isEqualTo("{\"text\":\"two\\nlines\"}\n{\"n\":[1,2]}\n");
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // of a class there is only the raw type
  private static Ndjson<Map<?, ?>> pretty() {
    return (Ndjson)
        Ndjson.of(Map.class)
            .mapper(JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build());
  }

  private static String text(ByteBuf line) {
    try {
      return line.toString(StandardCharsets.UTF_8);
    } finally {
      line.release();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"x\":1} {\"x\":2}",
        "nonsense",
        "{\"x\":\"no number\"}",
        "[1,2]",
        "null",
        "{\"x\":1,}",
        "{\"x\":1} trailing"
      })
  void aLineThatIsNoSuchValue_isATypedErrorOrLeftOut(String line) {
    byte[] text = Chunks.utf8("{\"x\":1,\"y\":2}\n" + line + "\n{\"x\":3,\"y\":4}\n");
    Ndjson<Point> points = Ndjson.of(Point.class);
    Chunks first = Chunks.sized(text, 4);
    StepVerifier.create(points.decode(first.flux()))
        .expectNext(new Point(1, 2))
        .verifyError(MalformedMessageException.class);
    first.assertReleased();
    Chunks second = Chunks.sized(text, 4);
    StepVerifier.create(points.onMalformed(Malformed.SKIP).decode(second.flux()))
        .expectNext(new Point(1, 2), new Point(3, 4))
        .verifyComplete();
    second.assertReleased();
  }

  @Test
  void aLineOverTheLimit_isTooLong() {
    StepVerifier.create(Ndjson.trees().maxLength(5).decode(Chunks.of("[1]\n[1,2,3]\n").flux()))
        .expectNextMatches(JsonNode::isArray)
        .verifyError(FrameTooLongException.class);
  }

  @Test
  void valuesNestedTooDeep_areATypedError() {
    StepVerifier.create(Ndjson.trees().decode(Chunks.of("[".repeat(200_000) + "\n").flux()))
        .verifyError(MalformedMessageException.class);
  }

  @Test
  void garbage_isValuesOrATypedError() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(200)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] =
            random.nextInt(4) == 0
                ? (byte) random.nextInt(256)
                : (byte) "{}[]\",:0123456789.eE+-\\u truefalsn\n".charAt(random.nextInt(35));
      }
      Chunks chunks = Chunks.random(bytes, 1 + random.nextInt(30), random);
      long at = seed;
      Ndjson.trees()
          .decode(chunks.flux())
          .subscribe(
              value -> {},
              error ->
                  assertThat(error)
                      .as("seed %d", at)
                      .isInstanceOf(MalformedMessageException.class));
      chunks.assertReleased();
    }
  }
}
