/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors other than pipes: what each kind does differently. */
@Timeout(60)
final class ReadKindsTest {
  private final OneLoop loop = new OneLoop();

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @AfterEach
  void close() {
    loop.close();
  }

  private ByteProbe read(Descriptor end, ByteProbe probe) {
    DescriptorStreams.read(end, loop.loops()).subscribe(probe);
    loop.settle();
    return probe;
  }

  private void isRefused(Descriptor end) {
    ByteProbe probe = read(end, ByteProbe.unbounded());

    assertThat(probe.awaitError())
        .isInstanceOfSatisfying(
            SystemCallException.class,
            refused -> {
              assertThat(refused.is(Errno.EPERM)).isTrue();
              assertThat(refused.call()).isEqualTo("epoll_ctl");
              assertThat(refused).hasMessageContaining("watch a descriptor");
            });
    assertThat(end.isOpen()).isFalse();
  }

  @Test
  void aRegularFile_isRefused() throws IOException {
    isRefused(Ends.openToRead(Files.writeString(directory.resolve("file"), "text")));
  }

  @Test
  void theNullDevice_isRefused() {
    isRefused(Ends.openToRead(Path.of("/dev/null")));
  }

  @Test
  void afterARefusal_theNumberServesTheNextStream() throws IOException {
    isRefused(Ends.openToRead(Files.writeString(directory.resolve("file"), "text")));
    Pipe pipe = Ends.pipe();
    ByteProbe probe = read(pipe.readEnd(), ByteProbe.unbounded());
    Ends.raw(pipe.writeEnd()).say("x");
    pipe.writeEnd().close();

    assertThat(probe.awaitComplete().text()).isEqualTo("x");
  }

  @Test
  void aFifoWithoutWriter_waitsForItsFirst() {
    Path fifo = Ends.fifo(directory.resolve("fifo"));
    ByteProbe probe = read(Ends.openToRead(fifo), ByteProbe.unbounded());
    assertThat(probe.isOver()).isFalse();
    try (RawEnd writer = Ends.raw(Ends.openToWrite(fifo))) {
      writer.say("from the fifo");
    }

    assertThat(probe.awaitComplete().text()).isEqualTo("from the fifo");
  }

  @Test
  void aFifoThatGotAnotherWriterBeforeItWasEmpty_goesOn() {
    Path fifo = Ends.fifo(directory.resolve("fifo"));
    ByteProbe probe = read(Ends.openToRead(fifo), new ByteProbe());
    try (RawEnd first = Ends.raw(Ends.openToWrite(fifo))) {
      first.say("first ");
    }
    loop.settle(); // the hang-up is known, the data is not read
    try (RawEnd second = Ends.raw(Ends.openToWrite(fifo))) {
      probe.request(1);
      probe.awaitChunks(1);
      loop.settle();
      assertThat(probe.isOver()).isFalse();
      second.say("second");
      probe.request(1);
      probe.awaitChunks(2);
    }

    assertThat(probe.awaitComplete().text()).isEqualTo("first second");
  }

  @Test
  void aSocket_isReadToItsEnd() {
    Pipe sockets = Ends.socketPair(Ends.SOCK_STREAM);
    ByteProbe probe = read(sockets.readEnd(), ByteProbe.unbounded());
    Ends.raw(sockets.writeEnd()).say("from the socket");
    probe.awaitSize(15);
    sockets.writeEnd().close();

    assertThat(probe.awaitComplete().text()).isEqualTo("from the socket");
  }

  @Test
  void aSocketWhosePeerIsGone_completesWithoutDemand() {
    Pipe sockets = Ends.socketPair(Ends.SOCK_STREAM);
    ByteProbe probe = read(sockets.readEnd(), new ByteProbe());
    sockets.writeEnd().close();

    probe.awaitComplete();
  }

  @Test
  void aSocketOfPackets_isReadThoughEveryReadIsShort() {
    Pipe sockets = Ends.socketPair(Ends.SOCK_SEQPACKET);
    RawEnd writer = Ends.raw(sockets.writeEnd());
    for (int i = 0; i < 50; i++) {
      writer.say("packet" + i % 10);
    }
    ByteProbe probe = read(sockets.readEnd(), ByteProbe.unbounded());
    probe.awaitChunks(50);
    sockets.writeEnd().close();

    assertThat(probe.awaitComplete().bytes()).hasSize(350);
  }
}
