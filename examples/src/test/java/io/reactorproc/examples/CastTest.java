/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reactorproc.ipc.sys.TerminalSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CastTest {
  @TempDir Path directory;
  private final AtomicLong now = new AtomicLong(5);

  private List<JsonNode> recorded(String... pieces) throws IOException {
    Path file = directory.resolve("cast");
    TerminalSize size = TerminalSize.of(80, 24);
    Map<String, String> env = Map.of("TERM", "vt100");
    try (Cast cast = Cast.create(file, size, List.of("a", "b"), env, now::get)) {
      for (String piece : pieces) {
        now.addAndGet(1_500_000_000L);
        cast.shown(ByteBuffer.wrap(piece.getBytes(StandardCharsets.ISO_8859_1)));
      }
      cast.resized(TerminalSize.of(100, 50));
    }
    List<JsonNode> lines = new ArrayList<>();
    ObjectMapper json = new ObjectMapper();
    for (String line : Files.readAllLines(file)) {
      lines.add(json.readTree(line));
    }
    return lines;
  }

  @Test
  void header_tellsSizeCommandAndTerminal() throws IOException {
    JsonNode header = recorded().get(0);

    assertThat(header.get("version").asInt()).isEqualTo(2);
    assertThat(header.get("width").asInt()).isEqualTo(80);
    assertThat(header.get("height").asInt()).isEqualTo(24);
    assertThat(header.get("timestamp").asLong()).isPositive();
    assertThat(header.get("command").asText()).isEqualTo("a b");
    assertThat(header.get("env").get("TERM").asText()).isEqualTo("vt100");
  }

  @Test
  void events_haveTheirTimeInSeconds() throws IOException {
    List<JsonNode> lines = recorded("one\r\n", "\033[1mtwo");

    assertThat(lines.subList(1, 4))
        .extracting(JsonNode::toString)
        .containsExactly(
            "[1.5,\"o\",\"one\\r\\n\"]", "[3.0,\"o\",\"\\u001B[1mtwo\"]", "[3.0,\"r\",\"100x50\"]");
  }

  @Test
  void characterAcrossTwoPieces_isOneCharacter() throws IOException {
    List<JsonNode> lines = recorded("a\u00C3", "\u00A9b", "\u00F0\u009F\u0098", "\u0080", "\u00C3");

    assertThat(lines.subList(1, 6))
        .extracting(line -> line.get(1).asText() + line.get(2).asText())
        .containsExactly("oa", "o\u00E9b", "o\uD83D\uDE00", "r100x50", "o\uFFFD");
  }
}
