/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.reactorproc.ipc.ByteProbe;
import io.reactorproc.ipc.Ends;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.sys.PeerCredentials;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfExecutable;
import io.reactorproc.testkit.Fault;
import io.reactorproc.testkit.Tolerates;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import reactor.core.Disposable;
import reactor.util.retry.Retry;

/** Programs and libraries that we have not written, as clients and as servers. */
@Timeout(60)
final class ForeignPeersTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  private final List<Process> children = new ArrayList<>();

  @AfterEach
  void endChildren() throws InterruptedException {
    for (Process child : children) {
      child.destroyForcibly().waitFor();
    }
  }

  private Path path() {
    return directory.resolve("peer.sock");
  }

  private Process start(String... command) throws IOException {
    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    children.add(child);
    return child;
  }

  private static String text(Process child) throws Exception {
    try (InputStream output = child.getInputStream()) {
      String text = new String(output.readAllBytes(), UTF_8);
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
      return text;
    }
  }

  private UnixListener echoing(UnixServer server, List<Disposable> serving) {
    UnixListener listener = Wait.value(server.bind());
    serving.add(
        listener
            .connections()
            .flatMap(each -> each.output().write(each.receive()).then(each.close()))
            .subscribe());
    return listener;
  }

  private void echoes(UnixServer server, String... client) throws Exception {
    List<Disposable> serving = new ArrayList<>();
    UnixListener listener = echoing(server, serving);
    String content = "to and fro\n".repeat(20_000);
    Path input = Files.writeString(directory.resolve("input"), content);
    Process child = new ProcessBuilder(client).redirectInput(input.toFile()).start();
    children.add(child);

    assertThat(text(child)).isEqualTo(content);
    serving.forEach(Disposable::dispose);
    Wait.end(listener.close());
  }

  @Test
  @EnabledIfExecutable("socat")
  void socat_isEchoed() throws Exception {
    echoes(UnixServer.at(path()), "socat", "-t", "20", "-", "UNIX-CONNECT:" + path());
  }

  @Test
  @EnabledIfExecutable("socat")
  void socat_isEchoedAtAnAbstractName() throws Exception {
    String name = "reactor-proc-socat-" + ProcessHandle.current().pid();
    echoes(
        UnixServer.at(UnixAddress.abstractName(name)),
        "socat",
        "-t",
        "20",
        "-",
        "ABSTRACT-CONNECT:" + name);
  }

  @Test
  @EnabledIfExecutable("nc")
  void netcat_isEchoed() throws Exception {
    echoes(UnixServer.at(path()), "nc", "-N", "-U", path().toString());
  }

  @Test
  @EnabledIfExecutable("socat")
  void socat_servesUs() throws Exception {
    start("socat", "UNIX-LISTEN:" + path() + ",mode=600", "EXEC:cat");
    Await.until("socat listens", () -> Files.exists(path()));
    UnixConnection client = connected();
    ByteProbe probe = ByteProbe.unbounded();
    client.receive().subscribe(probe);
    Wait.end(client.output().write("through cat").then(client.shutdownOutput()));

    assertThat(probe.awaitComplete().text()).isEqualTo("through cat");
    Wait.end(client.close());
  }

  /** A server of another program has its file before it listens. */
  private UnixConnection connected() {
    return Wait.value(
        UnixClient.to(path()).connect().retryWhen(Retry.fixedDelay(1_000, Duration.ofMillis(2))));
  }

  @Test
  @EnabledIfExecutable({"setpriv", "socat"})
  void anotherUser_isRefused() throws Exception {
    assumeTrue(Sockets.system().effectiveUser() == 0, "only root can become another user");
    Path open = Files.createTempDirectory("reactor-proc-open");
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    Queue<PeerCredentials> refused = new ConcurrentLinkedQueue<>();
    UnixListener listener =
        Wait.value(
            UnixServer.at(open.resolve("s"))
                .permissions("rw-rw-rw-")
                .observer(
                    new UnixServerObserver() {
                      @Override
                      public void onRefused(PeerCredentials peer) {
                        refused.add(peer);
                      }
                    })
                .bind());
    Disposable serving = listener.connections().subscribe(UnixConnection::dispose);
    Process stranger =
        start(
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "socat",
            "-u",
            "UNIX-CONNECT:" + listener.address(),
            "-");

    assertThat(text(stranger)).isEmpty();
    Await.until("the refusal is told", () -> !refused.isEmpty());
    assertThat(refused.element().uid()).isEqualTo(65534);
    assertThat(refused.element().gid()).isEqualTo(65534);
    assertThat(listener.refused()).isEqualTo(1);
    assertThat(listener.accepted()).isZero();
    serving.dispose();
    Wait.end(listener.close());
    Files.delete(open);
  }

  @Test
  @EnabledIfExecutable({"setpriv", "socat"})
  void anotherUser_doesNotEvenReachTheDefaultFile() throws Exception {
    assumeTrue(Sockets.system().effectiveUser() == 0, "only root can become another user");
    UnixListener listener = Wait.value(UnixServer.at(path()).bind());
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Process stranger =
        start(
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "socat",
            "-u",
            "UNIX-CONNECT:" + path(),
            "-");

    assertThat(text(stranger)).containsIgnoringCase("permission denied");
    Wait.end(listener.close());
  }

  private static final String PYTHON_SENDER =
      """
      import array, os, socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
      s.connect(sys.argv[1])
      r, w = os.pipe()
      os.write(w, b'from the pipe')
      s.sendmsg([b'take'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [r]))])
      os.close(r)
      os.close(w)
      data, control, flags, _ = s.recvmsg(100, socket.CMSG_SPACE(4))
      fd = int.from_bytes(control[0][2][:4], sys.byteorder)
      os.write(fd, b'thanks for ' + data)
      """;

  @Test
  @EnabledIfExecutable("python3")
  void python_sendsAndGetsDescriptors() throws Exception {
    UnixListener listener = Wait.value(UnixServer.at(path()).bind());
    Process python = start("python3", "-c", PYTHON_SENDER, path().toString());
    UnixConnection connection = Wait.value(listener.connections().next());
    UnixMessage message = Wait.value(connection.messages().next());
    assertThat(message.bytes().toString(UTF_8)).isEqualTo("take");
    assertThat(message.descriptors()).hasSize(1);
    assertThat(Ends.raw(message.descriptors().get(0)).awaitEnd())
        .isEqualTo("from the pipe".getBytes(UTF_8));
    message.release();
    try (Pipe pipe = Ends.pipe()) {
      Wait.end(connection.send("a pipe".getBytes(UTF_8), pipe.writeEnd()));
      pipe.writeEnd().close();
      assertThat(new String(Ends.raw(pipe.readEnd()).awaitEnd(), UTF_8))
          .isEqualTo("thanks for a pipe");
    }
    assertThat(text(python)).isEmpty();
    Wait.end(connection.close());
    Wait.end(listener.close());
  }

  private static final String PYTHON_PACKETS =
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
      s.connect(sys.argv[1])
      for word in [b'one', b'', b'three']:
          s.send(word)
      print(s.recv(100), s.recv(100))
      """;

  @Test
  @EnabledIfExecutable("python3")
  void python_exchangesPackets() throws Exception {
    UnixListener listener = Wait.value(UnixServer.at(path()).type(SocketType.SEQPACKET).bind());
    Process python = start("python3", "-c", PYTHON_PACKETS, path().toString());
    UnixConnection connection = Wait.value(listener.connections().next());
    ByteProbe probe = ByteProbe.unbounded();
    connection.receive().subscribe(probe);
    probe.awaitChunks(3);
    Wait.end(connection.output().write("x").then(connection.output().write("yz")));

    assertThat(text(python).strip()).isEqualTo("b'x' b'yz'");
    assertThat(probe.awaitComplete().text()).isEqualTo("onethree");
    Wait.end(connection.close());
    Wait.end(listener.close());
  }

  private static final String PYTHON_DATAGRAM =
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      s.bind(sys.argv[2])
      s.sendto(b'READY=1', sys.argv[1])
      print(s.recv(100))
      """;

  @Test
  @EnabledIfExecutable("python3")
  void python_exchangesDatagrams() throws Exception {
    UnixDatagramSocket socket = Wait.value(UnixDatagrams.at(path()).bind());
    Process python = start("python3", "-c", PYTHON_DATAGRAM, path().toString(), path() + ".client");
    UnixDatagram datagram = Wait.value(socket.receive().next());
    assertThat(datagram.bytes().toString(UTF_8)).isEqualTo("READY=1");
    assertThat(datagram.credentials().pid()).isEqualTo((int) python.pid());
    Wait.end(socket.send("fine".getBytes(UTF_8), datagram.sender()));
    datagram.release();

    assertThat(text(python).strip()).isEqualTo("b'fine'");
    Wait.end(socket.close());
  }

  @Test
  void javaNio_isEchoed() throws Exception {
    List<Disposable> serving = new ArrayList<>();
    UnixListener listener = echoing(UnixServer.at(path()), serving);
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
      client.write(ByteBuffer.wrap("nio".getBytes(UTF_8)));
      ByteBuffer answer = ByteBuffer.allocate(3);
      while (answer.hasRemaining() && client.read(answer) >= 0) {}
      assertThat(new String(answer.array(), UTF_8)).isEqualTo("nio");
      client.shutdownOutput();
      assertThat(client.read(ByteBuffer.allocate(1))).isNegative();
    }
    serving.forEach(Disposable::dispose);
    Wait.end(listener.close());
  }

  @Test
  void javaNio_servesUs() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path()));
      UnixConnection client = Wait.value(UnixClient.to(path()).connect());
      try (SocketChannel accepted = server.accept()) {
        accepted.write(ByteBuffer.wrap("welcome".getBytes(UTF_8)));
      }
      ByteProbe probe = ByteProbe.unbounded();
      client.receive().subscribe(probe);
      assertThat(probe.awaitComplete().text()).isEqualTo("welcome");
      Wait.end(client.close());
    }
    Files.delete(path());
  }

  @Test
  @Tolerates(value = Fault.THREAD, reason = "junixsocket keeps threads of its own")
  @Tolerates(value = Fault.DESCRIPTOR, reason = "junixsocket keeps descriptors of its own")
  void junixsocket_exchangesDescriptors() throws Exception {
    UnixListener listener = Wait.value(UnixServer.at(path()).bind());
    try (AFUNIXSocket client = AFUNIXSocket.newInstance()) {
      client.connect(AFUNIXSocketAddress.of(path().toFile()));
      UnixConnection connection = Wait.value(listener.connections().next());
      Path file = Files.writeString(directory.resolve("file"), "in the file");
      try (FileInputStream sent = new FileInputStream(file.toFile())) {
        client.setOutboundFileDescriptors(sent.getFD());
        client.getOutputStream().write("take".getBytes(UTF_8));
      }
      UnixMessage message = Wait.value(connection.messages().next());
      assertThat(message.bytes().toString(UTF_8)).isEqualTo("take");
      assertThat(message.descriptors()).hasSize(1);
      assertThat(Ends.raw(message.descriptors().get(0)).awaitText(11)).isEqualTo("in the file");
      message.release();

      client.setAncillaryReceiveBufferSize(1024);
      try (Pipe pipe = Ends.pipe()) {
        Wait.end(connection.send("have".getBytes(UTF_8), pipe.writeEnd()));
        assertThat(client.getInputStream().read(new byte[10])).isEqualTo(4);
        FileDescriptor[] got = client.getReceivedFileDescriptors();
        assertThat(got).hasSize(1);
        try (FileOutputStream end = new FileOutputStream(got[0])) {
          end.write("via junixsocket".getBytes(UTF_8));
        }
        assertThat(Ends.raw(pipe.readEnd()).awaitText(15)).isEqualTo("via junixsocket");
      }
      Wait.end(connection.close());
    }
    Wait.end(listener.close());
  }
}
