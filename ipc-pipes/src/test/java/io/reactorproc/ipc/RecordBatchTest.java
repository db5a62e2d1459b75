/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class RecordBatchTest {

  @Test
  void batch_hasTheRecordsOfAChunk_andOneThatSpansChunksAlone() {
    Chunks chunks = Chunks.of("a\nbc\n\nd", "e\nf\n");
    List<List<String>> batches =
        Records.lines()
            .decodeBatches(chunks.flux())
            .map(
                batch -> {
                  List<String> texts =
                      IntStream.range(0, batch.size())
                          .mapToObj(i -> batch.slice(i).toString(UTF_8))
                          .toList();
                  batch.release();
                  return texts;
                })
            .collectList()
            .blockOptional()
            .orElseThrow();
    assertThat(batches).containsExactly(List.of("a", "bc", ""), List.of("de"), List.of("f"));
    chunks.assertReleased();
  }

  @Test
  void demand_isInBatches() {
    Chunks chunks = Chunks.of("a\nb\n", "c\n");
    StepVerifier.create(Records.lines().decodeBatches(chunks.flux()), 1)
        .consumeNextWith(
            batch -> {
              assertThat(batch.size()).isEqualTo(2);
              batch.release();
            })
        .thenCancel()
        .verify();
    chunks.assertReleased();
  }

  @Test
  void retain_keepsTheRecordsReadable() {
    Chunks chunks = Chunks.of("ab\ncd\n");
    RecordBatch batch = Records.lines().decodeBatches(chunks.flux()).blockFirst();
    assertThat(batch).isNotNull();
    assertThat(batch.retain().release()).isFalse();
    assertThat(batch.text(1, UTF_8)).isEqualTo("cd");
    assertThat(batch.release()).isTrue();
    chunks.assertReleased();
  }

  @Test
  void positions_areAbsoluteInTheBuffer() {
    Chunks chunks = Chunks.cut(Chunks.utf8("ab\ncd\n"), 0); // the second chunk has an offset
    RecordBatch batch = Records.lines().decodeBatches(chunks.flux()).blockLast();
    assertThat(batch).isNotNull();
    assertThat(batch.buffer().getByte(batch.start(1))).isEqualTo((byte) 'c');
    assertThat(batch.end(1) - batch.start(1)).isEqualTo(batch.length(1)).isEqualTo(2);
    batch.release();
    chunks.assertReleased();
  }
}
