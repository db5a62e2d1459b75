/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.testkit.Await;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;

/** A pipe that is written to is enlarged for a reader that is fast, and for no other. */
@Timeout(60)
final class PipeGrowthTest {
  private static final int DEFAULT = 64 * 1024;
  private static final int GROWN = 512 * 1024;

  private final OneLoop loop = new OneLoop();
  private final Pipe pipe = Ends.pipe();
  private final RawEnd reader = Ends.raw(pipe.readEnd());
  private final ByteBuf piece = Unpooled.directBuffer(DEFAULT).writeZero(DEFAULT);
  private final int readEnd = pipe.readEnd().number();

  @AfterEach
  void close() {
    reader.close(); // ends the writing, too
    Await.until("the sink's end is closed", () -> !pipe.writeEnd().isOpen());
    loop.close();
    piece.release();
  }

  /** Writes for as long as the reader is there. */
  private void write() {
    ByteSink sink =
        Objects.requireNonNull(
            DescriptorStreams.write(pipe.writeEnd(), loop.loops()).block(Duration.ofSeconds(20)));
    sink.write(Flux.<ByteBuf>generate(to -> to.next(piece.retainedDuplicate())))
        .subscribe(
            outcome -> {},
            error -> {
              throw new AssertionError(error);
            });
  }

  private int capacity() {
    return Kernel.system().pipeCapacity(readEnd);
  }

  @Test
  void readerThatTakesAllAtOnce_getsALargerPipe() {
    write();

    Await.until("the pipe has grown", () -> reader.read(DEFAULT) != null && capacity() == GROWN);
  }

  @Test
  void readerThatIsSlowerThanTheWriter_keepsTheUsualPipe() {
    write();

    for (int i = 0; i < 50; i++) {
      Await.until("the pipe is full", () -> Kernel.system().available(readEnd) == DEFAULT);
      reader.awaitBytes(4096);
    }

    assertThat(capacity()).isEqualTo(DEFAULT);
  }
}
