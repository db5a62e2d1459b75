/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.Ends;
import io.reactorproc.ipc.OneLoop;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.RawEnd;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** After the writer's exit: what is there is delivered, what stays empty is given up. */
@Timeout(60)
final class ReadGraceTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration FOR_EVER = Duration.ofHours(1);

  private final OneLoop loop = new OneLoop();
  private final Pipe pipe = Ends.pipe();
  private final RawEnd writer = Ends.raw(pipe.writeEnd());
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final ReadChannel channel =
      new ReadChannel(Kernel.system(), loop.loop(), pipe.readEnd(), Medium.ANY, new Log());

  @AfterEach
  void close() {
    channel.cancel();
    loop.settle();
    pipe.close();
    loop.close();
  }

  private void open(long demand) {
    Ends.raw(pipe.readEnd());
    loop.run(
        () -> {
          if (demand > 0) {
            channel.request(demand);
          }
          channel.open();
          return 0;
        });
  }

  private void writerExits(Duration grace) {
    loop.run(
        () -> {
          channel.writerExited(grace.toNanos());
          return 0;
        });
  }

  private void awaitLog(String... expected) {
    Await.until(List.of(expected) + ", not " + log, () -> log.equals(List.of(expected)));
  }

  /** Returns when timers of the loop that are due in two graces from now have run. */
  private void twoGracesPass() {
    loop.loop().schedule(() -> {}, SHORT.toNanos() * 2, TimeUnit.NANOSECONDS).syncUninterruptibly();
  }

  @Test
  void anEmptyPipeThatStaysOpen_isAbandonedAfterTheGrace() {
    open(Long.MAX_VALUE);
    writerExits(SHORT);

    awaitLog("drained", "ABANDONED");
    assertThat(pipe.readEnd().isOpen()).isFalse();
  }

  @Test
  void anEmptyPipeWithoutDemand_isAbandonedToo() {
    open(0);
    writerExits(SHORT);

    awaitLog("drained", "ABANDONED");
  }

  @Test
  void endOfFileWithinTheGrace_isTheEnd() {
    open(Long.MAX_VALUE);
    writerExits(FOR_EVER);
    awaitLog("drained");
    writer.close();

    awaitLog("drained", "END_OF_FILE");
  }

  @Test
  void endOfFileAtTheExit_needsNoGrace() {
    open(Long.MAX_VALUE);
    writer.say("last words");
    writer.close();
    writerExits(FOR_EVER);
    Await.until("the end, not " + log, () -> log.contains("END_OF_FILE"));

    assertThat(log)
        .filteredOn(said -> !said.equals("drained"))
        .containsExactly("last words", "END_OF_FILE");
  }

  @Test
  void dataWrittenBeforeTheExit_isDeliveredBeforeDrained() {
    open(Long.MAX_VALUE);
    loop.run(
        () -> {
          writer.say("not yet seen by epoll");
          channel.writerExited(SHORT.toNanos());
          return 0;
        });

    awaitLog("not yet seen by epoll", "drained", "ABANDONED");
  }

  @Test
  void dataThatWaitsForASlowReader_isNeverGivenUp() {
    open(0);
    writer.say("kept");
    writerExits(SHORT);
    twoGracesPass();
    twoGracesPass();
    assertThat(log).isEmpty();

    channel.request(1);

    awaitLog("kept", "drained", "ABANDONED");
  }

  @Test
  void dataThatCameWithinTheGraceAndWaitsForDemand_isNeverGivenUp() {
    open(0);
    writerExits(SHORT);
    loop.run(
        () -> {
          writer.say("straggler");
          return 0;
        });
    twoGracesPass();
    twoGracesPass();
    assertThat(log).isEqualTo(List.of("drained"));

    channel.request(1);

    awaitLog("drained", "straggler", "ABANDONED");
  }

  @Test
  void dataThatArrivesRestartsTheGrace() {
    // Long enough that this thread looks at the log before the second one is over, too.
    Duration grace = Duration.ofSeconds(1);
    open(Long.MAX_VALUE);
    // The loop is kept busy from the exit to beyond the grace: the timer and the data are both due.
    loop.run(
        () -> {
          channel.writerExited(grace.toNanos());
          writer.say("straggler");
          channel.onReady(LoopHandle.READABLE);
          long graceOver = System.nanoTime() + grace.toNanos();
          int turns = 0;
          while (System.nanoTime() < graceOver) {
            turns++; // Thread.onSpinWait counts as blocking on a loop
          }
          return turns;
        });
    loop.settle();
    assertThat(log).as("the first grace is over").isEqualTo(List.of("drained", "straggler"));

    awaitLog("drained", "straggler", "ABANDONED");
  }

  @Test
  void cancelWithinTheGrace_endsItSilently() {
    open(Long.MAX_VALUE);
    writerExits(SHORT);
    awaitLogStart("drained");
    boolean cancelledInTime =
        loop.run(
            () -> {
              boolean open = !channel.isDone();
              channel.cancel();
              return open;
            });
    twoGracesPass();

    assertThat(log).hasSize(cancelledInTime ? 1 : 2);
    assertThat(pipe.readEnd().isOpen()).isFalse();
  }

  private void awaitLogStart(String first) {
    Await.until(first, () -> !log.isEmpty() && log.get(0).equals(first));
  }

  private final class Log implements ByteReceiver {
    @Override
    public void onBytes(ByteBuf chunk) {
      log.add(chunk.toString(StandardCharsets.UTF_8));
      chunk.release();
    }

    @Override
    public void onDrained() {
      log.add("drained");
    }

    @Override
    public void onEnd(StreamEnd how, @Nullable Throwable error) {
      log.add(how.name());
    }
  }
}
