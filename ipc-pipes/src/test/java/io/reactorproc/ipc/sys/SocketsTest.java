/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.reactorproc.ipc.Ends;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.testkit.Proc;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The native boundary of sockets: layouts, flags at birth, and what the kernel answers. */
final class SocketsTest {
  private final Sockets sockets = Sockets.system();
  private final ByteBuf memory = PooledByteBufAllocator.DEFAULT.directBuffer(1024);
  private final long address = SocketMessage.addressOf(memory, 0);
  private final SocketMessage message = new SocketMessage();

  @AfterEach
  void free() {
    memory.release();
  }

  @ParameterizedTest
  @EnumSource
  void sockets_areClosedOnExecAndNeverBlock(SocketType type) throws Exception {
    try (Pair pair = pair(type)) {
      assertThat(Kernel.system().isInheritable(pair.a())).isFalse();
      assertThat(Kernel.system().isInheritable(pair.b())).isFalse();
      assertThat(receive(pair.a())).isEqualTo(-Errno.EAGAIN.intValue());
      assertThat(sockets.option(pair.a(), Sockets.TYPE)).isEqualTo(type.number());
      assertThat(sockets.option(pair.a(), Sockets.DOMAIN)).isEqualTo(Sockets.UNIX);
      assertThat(sockets.option(pair.a(), Sockets.LISTENS)).isZero();
    }
  }

  @Test
  void descriptors_comeAcrossWithTheirBytes() throws Exception {
    try (Pair pair = pair(SocketType.STREAM);
        Pipe pipe = Ends.pipe()) {
      memory.setByte(0, 'x');
      int sent =
          sockets.send(
              pair.a(),
              address,
              1,
              message
                  .clear()
                  .withDescriptors(pipe.readEnd().number(), pipe.writeEnd().number())
                  .withCredentials(Proc.self(), uid(), gid()));
      assertThat(sent).isEqualTo(1);

      assertThat(sockets.setOption(pair.b(), Sockets.PASS_CREDENTIALS, 1)).isZero();
      assertThat(receive(pair.b())).isEqualTo(1);
      assertThat(message.descriptorCount()).isEqualTo(2);
      try (Descriptor first = Descriptor.own(message.descriptor(0));
          Descriptor second = Descriptor.own(message.descriptor(1))) {
        Map<Integer, String> open = Proc.descriptors();
        assertThat(open.get(first.number())).isEqualTo(open.get(pipe.readEnd().number()));
        assertThat(open.get(second.number())).isEqualTo(open.get(pipe.writeEnd().number()));
        assertThat(Kernel.system().isInheritable(first.number())).isFalse();
        assertThat(Kernel.system().isInheritable(second.number())).isFalse();
      }
      assertThat(message.hasCredentials()).isTrue();
      assertThat(message.pid()).isEqualTo(Proc.self());
      assertThat(message.uid()).isEqualTo(uid());
      assertThat(message.lacksDescriptors()).isFalse();
      assertThat(receive(pair.b())).isEqualTo(-Errno.EAGAIN.intValue());
      assertThat(message.descriptorCount()).isZero();
    }
  }

  @Test
  void mostDescriptors_fitIntoOneMessage() throws Exception {
    try (Pair pair = pair(SocketType.SEQPACKET);
        Pipe pipe = Ends.pipe()) {
      int[] all = new int[SocketMessage.MOST_DESCRIPTORS];
      Arrays.fill(all, pipe.readEnd().number());
      sockets.setOption(pair.b(), Sockets.PASS_CREDENTIALS, 1);
      assertThat(sockets.send(pair.a(), address, 1, message.clear().withDescriptors(all)))
          .isEqualTo(1);

      assertThat(receive(pair.b())).isEqualTo(1);
      assertThat(message.descriptorCount()).isEqualTo(SocketMessage.MOST_DESCRIPTORS);
      for (int i = 0; i < message.descriptorCount(); i++) {
        Kernel.system().close(message.descriptor(i));
      }
      assertThat(message.hasCredentials()).isTrue();
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> message.clear().withDescriptors(new int[SocketMessage.MOST_DESCRIPTORS + 1]));
    }
  }

  @Test
  void credentials_areThoseOfTheSender() throws Exception {
    try (Pair pair = pair(SocketType.DATAGRAM)) {
      sockets.setOption(pair.b(), Sockets.PASS_CREDENTIALS, 1);
      sockets.send(pair.a(), address, 3, message.clear());

      assertThat(receive(pair.b())).isEqualTo(3);
      assertThat(message.hasCredentials()).isTrue();
      assertThat(message.pid()).isEqualTo(Proc.self());
      assertThat(message.uid()).isEqualTo(uid());
      assertThat(message.gid()).isEqualTo(gid());
      assertThat(sockets.peer(pair.a())).isEqualTo(new PeerCredentials(Proc.self(), uid(), gid()));
    }
  }

  @Test
  void datagrams_tellTheirSenderAndTheirRealLength(@TempDir Path directory) throws Exception {
    byte[] name = bytes(directory.resolve("receiver"));
    byte[] from = bytes(directory.resolve("sender"));
    try (Descriptor receiver = Descriptor.own(sockets.open(SocketType.DATAGRAM, "test"));
        Descriptor sender = Descriptor.own(sockets.open(SocketType.DATAGRAM, "test"))) {
      assertThat(sockets.bind(receiver.number(), name)).isZero();
      assertThat(sockets.bind(sender.number(), from)).isZero();
      sockets.send(sender.number(), address, 100, message.clear().to(name));

      int flags = Sockets.PEEK | Sockets.REAL_LENGTH;
      assertThat(sockets.receive(receiver.number(), address, 10, flags, message)).isEqualTo(100);
      assertThat(sockets.receive(receiver.number(), address, 10, 0, message)).isEqualTo(10);
      assertThat(message.isTruncated()).isTrue();
      assertThat(message.senderName()).isEqualTo(from);
      assertThat(sockets.name(receiver.number())).isEqualTo(name);
    }
  }

  @Test
  void modeOfTheUnnamedSocket_isThatOfItsFile(@TempDir Path directory) throws Exception {
    for (int mode : new int[] {0600, 0400, 0}) {
      Path file = directory.resolve("s" + mode);
      try (Descriptor socket = Descriptor.own(sockets.open(SocketType.STREAM, "test"))) {
        assertThat(sockets.setMode(socket.number(), mode)).isZero();
        assertThat(sockets.bind(socket.number(), bytes(file))).isZero();
        int made = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        assertThat(made & 0777).isEqualTo(mode);
      }
    }
    try (Descriptor socket = Descriptor.own(sockets.open(SocketType.STREAM, "test"))) {
      Path file = directory.resolve("default");
      assertThat(sockets.bind(socket.number(), bytes(file))).isZero();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .as("without it, the umask alone decides")
          .contains("x");
    }
  }

  @Test
  void connecting_isRefusedByADeadSocketAndDelayedByAFullBacklog(@TempDir Path directory)
      throws Exception {
    byte[] name = bytes(directory.resolve("server"));
    try (Descriptor server = Descriptor.own(sockets.open(SocketType.STREAM, "test"));
        Descriptor one = Descriptor.own(sockets.open(SocketType.STREAM, "test"));
        Descriptor two = Descriptor.own(sockets.open(SocketType.STREAM, "test"))) {
      assertThat(sockets.connect(one.number(), name)).isEqualTo(-Errno.ENOENT.intValue());
      assertThat(sockets.bind(server.number(), name)).isZero();
      assertThat(sockets.bind(two.number(), name)).isEqualTo(-Errno.EADDRINUSE.intValue());
      assertThat(sockets.connect(one.number(), name)).isEqualTo(-Errno.ECONNREFUSED.intValue());
      sockets.listen(server.number(), 0, "test");
      assertThat(sockets.option(server.number(), Sockets.LISTENS)).isEqualTo(1);
      assertThat(sockets.connect(one.number(), name)).isZero();
      assertThat(sockets.connect(two.number(), name)).isEqualTo(-Errno.EAGAIN.intValue());
      int accepted = sockets.accept(server.number());
      assertThat(accepted).isGreaterThanOrEqualTo(0);
      assertThat(Kernel.system().isInheritable(accepted)).isFalse();
      Kernel.system().close(accepted);
      assertThat(sockets.accept(server.number())).isEqualTo(-Errno.EAGAIN.intValue());
      assertThat(sockets.peerName(one.number())).isEqualTo(name);
    }
  }

  @Test
  void longestNames_areKeptWhole(@TempDir Path directory) throws Exception {
    Path path = directory.resolve("x".repeat(Sockets.MOST_NAME - 2 - bytes(directory).length));
    byte[] name = bytes(path);
    assertThat(name).hasSize(Sockets.MOST_NAME - 1);
    byte[] unseen = new byte[Sockets.MOST_NAME];
    Arrays.fill(unseen, 1, unseen.length, (byte) 'a');
    try (Descriptor file = Descriptor.own(sockets.open(SocketType.STREAM, "test"));
        Descriptor abstractOne = Descriptor.own(sockets.open(SocketType.STREAM, "test"))) {
      assertThat(sockets.bind(file.number(), name)).isZero();
      assertThat(sockets.name(file.number())).isEqualTo(name);
      assertThat(sockets.bind(abstractOne.number(), unseen)).isZero();
      assertThat(sockets.name(abstractOne.number())).isEqualTo(unseen);
    }
  }

  private int receive(int fd) {
    return sockets.receive(fd, address, 1024, 0, message);
  }

  private static byte[] bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static int uid() throws Exception {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  private static int gid() throws Exception {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
  }

  private Pair pair(SocketType type) throws SystemCallException {
    long ends = sockets.pair(type, "test");
    return new Pair(
        Descriptor.own(PipeEnds.readEnd(ends)), Descriptor.own(PipeEnds.writeEnd(ends)));
  }

  private record Pair(Descriptor one, Descriptor other) implements AutoCloseable {
    int a() {
      return one.number();
    }

    int b() {
      return other.number();
    }

    @Override
    public void close() {
      one.close();
      other.close();
    }
  }
}
