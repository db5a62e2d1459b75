/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.sys.Kernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is read follows from what is asked for. */
@Timeout(60)
final class ReadDemandTest {
  private OneLoop loop = new OneLoop();
  private Pipe pipe = open();
  private RawEnd writer = raw(pipe);

  private static Pipe open() {
    return Ends.pipe();
  }

  private static RawEnd raw(Pipe pipe) {
    return Ends.raw(pipe.writeEnd());
  }

  @BeforeEach
  void start() {
    loop.settle();
  }

  @AfterEach
  void close() {
    pipe.close();
    loop.close();
  }

  private ByteProbe read(ByteProbe probe) {
    DescriptorStreams.read(pipe.readEnd(), loop.loops()).subscribe(probe);
    loop.settle();
    return probe;
  }

  @Test
  void request_readsExactlyThatManyChunks() {
    writer.fill();
    ByteProbe probe = read(new ByteProbe());

    probe.request(2);
    loop.settle();
    assertThat(probe.chunks()).isEqualTo(2);

    probe.request(1);
    loop.settle();
    assertThat(probe.chunks()).isEqualTo(3);
    probe.cancel();
    loop.settle();
  }

  @Test
  void withoutDemand_nothingIsReadAndTheWriterFindsThePipeFull() {
    ByteProbe probe = read(new ByteProbe());
    int capacity = Kernel.system().pipeCapacity(pipe.writeEnd().number());

    assertThat(writer.fill()).isEqualTo(capacity);
    loop.settle();

    assertThat(writer.fill()).as("room that somebody made").isZero();
    assertThat(probe.chunks()).isZero();
    probe.cancel();
    loop.settle();
  }

  @Test
  void demandAfterAWakeUpThatNobodyWanted_readsWhatIsThere() {
    ByteProbe probe = read(new ByteProbe());
    probe.request(1);
    writer.say("one");
    probe.awaitChunks(1);
    writer.say("two"); // wakes the channel, which still watches
    loop.settle();
    writer.say("three"); // wakes it once more: it stops watching
    loop.settle();

    probe.request(1);
    probe.awaitChunks(2);

    assertThat(probe.text()).isEqualTo("onetwothree");
    probe.cancel();
    loop.settle();
  }

  @Test
  void demandThatCameWhileNothingWasThere_isServedByTheNextWrite() {
    ByteProbe probe = read(new ByteProbe());
    probe.request(1);
    loop.settle();
    writer.say("late");

    assertThat(probe.awaitChunks(1).text()).isEqualTo("late");
    probe.cancel();
    loop.settle();
  }

  @Test
  void demandFromWithinOnNext_isServedWithoutDeepeningTheStack() {
    int[] deepest = {0};
    ByteProbe probe =
        read(
            new ByteProbe(
                first -> first.request(1),
                each -> {
                  deepest[0] = Math.max(deepest[0], Thread.currentThread().getStackTrace().length);
                  each.request(1);
                }));
    for (int i = 0; i < 5_000; i++) {
      writer.say("x");
    }
    writer.close();
    probe.awaitComplete();

    assertThat(probe.bytes()).hasSize(5_000);
    assertThat(deepest[0]).isLessThan(100);
  }

  @Test
  void manyWritesWithoutDemand_wakeTheLoopTwiceAtMost() {
    ByteProbe probe = read(new ByteProbe());
    probe.request(1);
    writer.say("x");
    probe.awaitChunks(1);
    loop.settle();
    int before = loop.wakeUps();

    for (int i = 0; i < 1_000; i++) {
      writer.say("x");
      loop.settle();
    }

    assertThat(loop.wakeUps() - before).isLessThanOrEqualTo(2);
    probe.cancel();
    loop.settle();
  }

  @Test
  void aStreamThatNobodyEverAskedFor_isNeverWokenByWrites() {
    ByteProbe probe = read(new ByteProbe());
    for (int i = 0; i < 100; i++) {
      writer.say("x");
      loop.settle();
    }

    assertThat(loop.wakeUps()).isZero();
    probe.cancel();
    loop.settle();
  }
}
