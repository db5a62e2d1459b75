/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import static io.reactorproc.service.Puppet.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.reactorproc.Channel;
import io.reactorproc.Command;
import io.reactorproc.InvalidCommandException;
import io.reactorproc.Output;
import io.reactorproc.ProcessStartException;
import io.reactorproc.RunningProcess;
import io.reactorproc.Termination;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.EnabledIfExecutable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listening sockets that a child is given. */
@Timeout(60)
class SocketActivationTest {
  private static final String PROXY = "/lib/systemd/systemd-socket-proxyd";

  /** Checks what sd_listen_fds(3) checks, then answers one client on each socket, and ends. */
  private static final String SERVER =
      """
          import os,socket
          assert os.environ['LISTEN_PID']==str(os.getpid()), os.environ
          names=os.environ['LISTEN_FDNAMES'].split(':')
          assert int(os.environ['LISTEN_FDS'])==len(names)
          for i,name in enumerate(names):
            s=socket.socket(fileno=3+i)
            assert s.getsockopt(socket.SOL_SOCKET,socket.SO_ACCEPTCONN)==1
            c,_=s.accept()
            c.sendall(('this is '+name).encode())
            c.close()
          """;

  @TempDir Path directory;

  private static Descriptor listen(Path path) throws SystemCallException {
    Sockets sockets = Sockets.system();
    Descriptor socket = Descriptor.own(sockets.open(SocketType.STREAM, "listen"));
    assertThat(sockets.bind(socket.number(), path.toString().getBytes(StandardCharsets.UTF_8)))
        .isZero();
    sockets.listen(socket.number(), 16, "listen");
    return socket;
  }

  private static String answer(SocketAddress server) throws IOException {
    try (SocketChannel client = SocketChannel.open(server);
        InputStream answer = Channels.newInputStream(client)) {
      return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static RunningProcess started(Command command) {
    return Objects.requireNonNull(
        command.stderr(Output.inherit()).termination(Termination.kill()).start().block(SOON));
  }

  @Test
  @EnabledIfExecutable("python3")
  void unixSockets_areAcceptedOnByTheChild() throws Exception {
    Path web = directory.resolve("web");
    Path admin = directory.resolve("admin");
    try (Descriptor first = listen(web);
        Descriptor second = listen(admin)) {
      SocketActivation sockets =
          SocketActivation.none()
              .socket("web", first.number())
              .socket("the admin", second.number());
      RunningProcess child = started(sockets.of(Command.of("python3", "-c", SERVER)));

      assertThat(answer(UnixDomainSocketAddress.of(web))).isEqualTo("this is web");
      assertThat(answer(UnixDomainSocketAddress.of(admin))).isEqualTo("this is the admin");
      assertThat(child.exit().block(SOON)).hasToString("exit code 0");
      child.dispose();
    }
  }

  /** Who connects between two children waits for the next one. */
  @Test
  @EnabledIfExecutable("python3")
  void socket_outlivesItsChildren() throws Exception {
    Path path = directory.resolve("socket");
    try (Descriptor socket = listen(path)) {
      Command command =
          SocketActivation.none()
              .socket("again", socket.number())
              .of(Command.of("python3", "-c", SERVER));
      for (int i = 0; i < 3; i++) {
        try (SocketChannel early = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
          RunningProcess child = started(command);
          ByteBuffer answer = ByteBuffer.allocate(100);
          early.read(answer);
          assertThat(new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8))
              .isEqualTo("this is again");
          assertThat(child.exit().block(SOON)).hasToString("exit code 0");
          child.dispose();
        }
      }
    }
  }

  @Test
  @EnabledIfExecutable("python3")
  void tcpSocketOfNetty_isGivenByItsNumber() throws Exception {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try {
      EpollServerSocketChannel server =
          (EpollServerSocketChannel)
              new ServerBootstrap()
                  .group(group)
                  .channel(EpollServerSocketChannel.class)
                  .option(ChannelOption.AUTO_READ, false)
                  .childHandler(new ChannelInboundHandlerAdapter())
                  .bind(InetAddress.getLoopbackAddress(), 0)
                  .sync()
                  .channel();
      SocketActivation sockets = SocketActivation.none().socket("tcp", server.fd().intValue());
      RunningProcess child = started(sockets.of(Command.of("python3", "-c", SERVER)));

      assertThat(answer(server.localAddress())).isEqualTo("this is tcp");
      assertThat(child.exit().block(SOON)).hasToString("exit code 0");
      child.dispose();
      server.close().sync();
    } finally {
      group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).sync();
    }
  }

  /** The protocol as its own library reads it. */
  @Test
  @EnabledIfExecutable(PROXY)
  void programOfSystemd_findsItsSockets() throws Exception {
    Path path = directory.resolve("front");
    try (Descriptor front = listen(path);
        ServerSocket back = new ServerSocket()) {
      back.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      Command proxy = Command.of(PROXY, "127.0.0.1:" + back.getLocalPort());
      RunningProcess child =
          started(SocketActivation.none().socket("front", front.number()).of(proxy));
      try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
          Socket server = back.accept()) {
        client.write(ByteBuffer.wrap("through".getBytes(StandardCharsets.UTF_8)));
        client.shutdownOutput();
        assertThat(server.getInputStream().readAllBytes()).asString().isEqualTo("through");
      }
      child.dispose();
      child.exit().block(SOON);
    }
  }

  @Test
  void service_mayBeActivatedToo() throws Exception {
    Path path = directory.resolve("socket");
    try (Descriptor socket = listen(path)) {
      Command command =
          SocketActivation.none()
              .socket("x", socket.number())
              .of(
                  Command.shell(
                      "echo $LISTEN_FDS $LISTEN_FDNAMES $((LISTEN_PID-$$)); read end; exit 0"));
      Puppet puppet = Puppet.start(Puppet.trusting(command.stdin(io.reactorproc.Stdin.pipe())));

      assertThat(puppet.address).isEqualTo("1 x 0");
      puppet.end();
      puppet.service.exit().block(SOON);
      puppet.service.dispose();
    }
  }

  private static boolean isBlocking(Descriptor socket) throws IOException {
    return java.nio.file.Files.readAllLines(Path.of("/proc/self/fdinfo/" + socket.number()))
        .stream()
        .filter(line -> line.startsWith("flags:"))
        .anyMatch(line -> (Integer.parseInt(line.substring(6).strip(), 8) & 04000) == 0);
  }

  @Test
  void nonBlocking_leavesTheFlagAsItIs() throws Exception {
    try (Descriptor socket = listen(directory.resolve("socket"))) {
      SocketActivation sockets = SocketActivation.none().socket("x", socket.number());
      assertThat(isBlocking(socket)).isFalse();

      sockets.nonBlocking().of(Command.of("true")).exit().block(SOON);
      assertThat(isBlocking(socket)).isFalse();
      sockets.of(Command.of("true")).exit().block(SOON);
      assertThat(isBlocking(socket)).isTrue();
    }
  }

  @Test
  void socketThatIsClosed_isATypedErrorOfTheStart() {
    Command command = SocketActivation.none().socket("gone", 200).of(Command.of("true"));
    assertThat(Kernel.system().isOpen(200)).isFalse();

    assertThatThrownBy(() -> command.exit().block(SOON))
        .hasCauseInstanceOf(ProcessStartException.class)
        .hasMessageContaining("EBADF");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b", "a\nb", "ü", "\0", "\u007f"})
  void nameThatCannotBe_isRefused(String name) {
    assertThatThrownBy(() -> SocketActivation.none().socket(name, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tooMuch_isRefused() {
    assertThatThrownBy(() -> SocketActivation.none().socket("x".repeat(256), 3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SocketActivation.none().socket("x", -1))
        .isInstanceOf(IllegalArgumentException.class);
    SocketActivation most = SocketActivation.none();
    for (int i = 0; i < 253; i++) {
      most = most.socket("x", 3);
    }
    SocketActivation full = most;
    assertThatThrownBy(() -> full.socket("x", 3)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void descriptorThatIsTaken_isRefused() {
    SocketActivation sockets = SocketActivation.none().socket("x", 5);
    Command channel = Command.of("true").channel(3, Channel.socketPair());
    Command output = Command.of("true").output(3, Output.discard());

    assertThatThrownBy(() -> sockets.of(channel)).isInstanceOf(InvalidCommandException.class);
    assertThatThrownBy(() -> sockets.of(output)).isInstanceOf(InvalidCommandException.class);
  }
}
