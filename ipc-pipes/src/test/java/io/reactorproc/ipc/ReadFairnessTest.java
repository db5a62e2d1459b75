/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stream that never runs dry leaves the loop to the others. */
@Timeout(60)
final class ReadFairnessTest {
  private final OneLoop loop = new OneLoop();
  private final Pipe busyPipe = Ends.pipe();
  private final RawEnd busyWriter = Ends.raw(busyPipe.writeEnd());
  private final Pipe otherPipe = Ends.pipe();
  private final RawEnd otherWriter = Ends.raw(otherPipe.writeEnd());

  @AfterEach
  void close() {
    busyPipe.close();
    otherPipe.close();
    loop.close();
  }

  /** A subscriber that refills the pipe it reads from: always readable, always wanted. */
  private static ByteProbe endless(RawEnd writer) {
    writer.fill();
    return new ByteProbe(first -> first.request(Long.MAX_VALUE), each -> writer.fill());
  }

  private ByteProbe read(Pipe pipe, ByteProbe probe) {
    DescriptorStreams.read(pipe.readEnd(), loop.loops()).subscribe(probe);
    return probe;
  }

  @Test
  void aBusyStream_letsTheLoopPollWithinAFewTurns() {
    AtomicInteger otherSeenAt = new AtomicInteger();
    ByteProbe other =
        read(
            otherPipe,
            new ByteProbe(first -> first.request(1), each -> otherSeenAt.compareAndSet(0, 1)));
    loop.settle();
    busyWriter.fill();
    int[] chunksUntilSeen = {0};
    read(
        busyPipe,
        new ByteProbe(
            first -> first.request(Long.MAX_VALUE),
            each -> {
              if (each.chunks() == 20) {
                otherWriter.say("x");
              }
              if (otherSeenAt.get() == 0 && each.chunks() < 5_000) {
                busyWriter.write(new byte[65_536]);
              } else {
                chunksUntilSeen[0] = each.chunks();
                each.cancel();
              }
            }));
    other.awaitChunks(1);
    loop.settle();

    // One turn is 16 reads: the one in which it was written, and the one before it is handled.
    assertThat(chunksUntilSeen[0]).isBetween(20, 60);
    other.cancel();
    loop.settle();
  }

  @Test
  void twoEndlessStreams_bothProgress() {
    ByteProbe busy = read(busyPipe, endless(busyWriter));
    ByteProbe other = read(otherPipe, endless(otherWriter));
    busy.awaitChunks(200);
    other.awaitChunks(200);

    busy.cancel();
    other.cancel();
    loop.settle();
  }
}
