/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.sys.Descriptor;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every byte that was written is delivered, and then the end, with or without demand. */
@Timeout(60)
final class ReadEndTest {
  private final OneLoop loop = new OneLoop();
  private final Pipe pipe = Ends.pipe();
  private final RawEnd writer = Ends.raw(pipe.writeEnd());

  @AfterEach
  void close() {
    pipe.close();
    loop.close();
  }

  private ByteProbe read(ByteProbe probe) {
    DescriptorStreams.read(pipe.readEnd(), loop.loops()).subscribe(probe);
    return probe;
  }

  @Test
  void endOfFile_completesWithoutDemand() {
    ByteProbe probe = read(new ByteProbe());
    loop.settle();
    writer.close();

    probe.awaitComplete();
    assertThat(probe.chunks()).isZero();
    assertThat(pipe.readEnd().isOpen()).isFalse();
  }

  @Test
  void endOfFileBeforeTheSubscription_completesWithoutDemand() {
    writer.close();
    read(new ByteProbe()).awaitComplete();
  }

  @Test
  void endOfFileBehindTheLastRequestedChunk_completesWithoutMoreDemand() {
    ByteProbe probe = read(new ByteProbe());
    writer.say("all");
    writer.close();
    probe.request(1);

    assertThat(probe.awaitComplete().text()).isEqualTo("all");
    assertThat(probe.chunks()).isEqualTo(1);
  }

  @Test
  void endOfFileWithDataPending_comesAfterTheData() {
    byte[] written = new byte[10_000];
    Arrays.fill(written, (byte) 'x');
    writer.write(written);
    writer.close();
    ByteProbe probe = read(new ByteProbe());
    loop.settle();
    assertThat(probe.isOver()).isFalse();

    for (int asked = 1; !probe.isOver(); asked++) {
      probe.request(1);
      loop.settle();
      assertThat(probe.chunks()).isLessThanOrEqualTo(asked);
    }

    assertThat(probe.bytes()).isEqualTo(written);
    assertThat(probe.terminals()).isEqualTo(1);
  }

  @Test
  void writeThenClose_losesNothing() {
    ByteProbe probe = read(ByteProbe.unbounded());
    loop.settle();
    writer.say("short");
    writer.close();

    assertThat(probe.awaitComplete().text()).isEqualTo("short");
  }

  @Test
  void writeWaitThenClose_losesNothing() {
    ByteProbe probe = read(ByteProbe.unbounded());
    writer.say("short");
    probe.awaitSize(5);
    loop.settle();
    writer.close();

    assertThat(probe.awaitComplete().text()).isEqualTo("short");
  }

  @Test
  void aWriteBetweenTheShortReadAndTheNextLookAtEpoll_isRead() {
    boolean[] once = {true};
    ByteProbe probe =
        read(
            new ByteProbe(
                first -> first.request(Long.MAX_VALUE),
                each -> {
                  if (once[0]) {
                    once[0] = false;
                    writer.say("second"); // the channel has just concluded that the pipe is empty
                    writer.close();
                  }
                }));
    writer.say("first-");

    assertThat(probe.awaitComplete().text()).isEqualTo("first-second");
  }

  @Test
  void oneByteWritesInATightLoop_allArrive() {
    ByteProbe probe = read(ByteProbe.unbounded());
    for (int i = 0; i < 200_000; i++) {
      while (writer.write(new byte[] {1}) == 0) {
        Thread.onSpinWait();
      }
    }
    writer.close();

    assertThat(probe.awaitComplete().bytes()).hasSize(200_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {1023, 1024, 4096, 65_535, 65_536, 65_537, 131_072, 1 << 20, (1 << 22) + 1})
  void anyAmount_arrivesWhole(int amount) {
    ByteProbe probe = read(ByteProbe.unbounded());
    byte[] content = new byte[amount];
    for (int i = 0; i < amount; i++) {
      content[i] = (byte) ((i * 31) >> 3);
    }
    int at = 0;
    while (at < amount) {
      at += writer.write(Arrays.copyOfRange(content, at, Math.min(amount, at + 65_536)));
    }
    writer.close();

    assertThat(probe.awaitComplete().bytes()).isEqualTo(content);
  }

  @Test
  void aDescriptorClosedBeforeTheSubscription_isAnErrorAndTouchesNobodysNumber() {
    Descriptor end = pipe.readEnd();
    var flux = DescriptorStreams.read(end, loop.loops());
    end.close();
    Pipe reusesTheNumber = Ends.pipe();
    ByteProbe probe = ByteProbe.unbounded();
    flux.subscribe(probe);

    assertThat(probe.awaitError()).isInstanceOf(IllegalStateException.class);
    assertThat(reusesTheNumber.readEnd().isOpen()).isTrue();
    Ends.raw(reusesTheNumber.writeEnd()).say("x");
    assertThat(Ends.raw(reusesTheNumber.readEnd()).awaitText(1)).isEqualTo("x");
    reusesTheNumber.close();
  }

  @Test
  void aLoopThatIsShutDown_endsItsStreams() {
    ByteProbe probe = read(ByteProbe.unbounded());
    loop.settle();
    loop.shutDown();

    assertThat(probe.awaitError()).hasMessageContaining("shut down");
    assertThat(pipe.readEnd().isOpen()).isFalse();
    probe.request(1);
    probe.cancel();
  }

  @Test
  void aLoopThatWasShutDown_refusesAStreamAndClosesIt() {
    loop.settle();
    loop.shutDown();

    assertThat(read(ByteProbe.unbounded()).awaitError()).isNotNull();
    assertThat(pipe.readEnd().isOpen()).isFalse();
  }
}
