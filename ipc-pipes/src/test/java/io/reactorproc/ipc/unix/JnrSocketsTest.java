/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.reactorproc.ipc.ByteProbe;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.testkit.Proc;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a program has made with jnr-unixsocket goes on here. */
@Timeout(60)
final class JnrSocketsTest {
  @Test
  void addresses_goBothWays() {
    UnixAddress path = UnixAddress.of("/run/name");
    UnixAddress hidden = UnixAddress.abstractName("name");

    assertThat(JnrSockets.address(JnrSockets.address(path))).isEqualTo(path);
    assertThat(JnrSockets.address(JnrSockets.address(hidden))).isEqualTo(hidden);
    assertThat(JnrSockets.address(hidden).path()).isEqualTo("\0name");
    assertThat(JnrSockets.address(new UnixSocketAddress(""))).isEqualTo(UnixAddress.UNNAMED);
    assertThat(JnrSockets.address(UnixAddress.UNNAMED).path()).isEmpty();
  }

  @Test
  void aConnectedChannel_isTakenOver() throws Exception {
    int before = Proc.descriptors().size();
    UnixSocketChannel[] pair = UnixSocketChannel.pair();
    assertThat(Kernel.system().isInheritable(pair[0].getFD())).as("why we dup").isTrue();
    UnixConnection connection = JnrSockets.take(pair[0]);
    assertThat(pair[0].isOpen()).isFalse();
    assertThat(Proc.descriptors()).hasSize(before + 2);
    ByteProbe probe = ByteProbe.unbounded();
    connection.receive().subscribe(probe);
    pair[1].write(ByteBuffer.wrap("from jnr".getBytes(UTF_8)));
    probe.awaitSize(8);
    Wait.end(connection.output().write("to jnr"));
    ByteBuffer answer = ByteBuffer.allocate(6);
    while (answer.hasRemaining() && pair[1].read(answer) >= 0) {}
    assertThat(new String(answer.array(), UTF_8)).isEqualTo("to jnr");
    pair[1].close();

    probe.awaitComplete();
    Wait.end(connection.close());
  }

  @Test
  void aChannelThatIsNotConnected_isRefusedAndStays() throws Exception {
    try (UnixSocketChannel unconnected = UnixSocketChannel.open()) {
      assertThatIllegalStateException().isThrownBy(() -> JnrSockets.take(unconnected));
      assertThat(unconnected.isOpen()).isTrue();
    }
  }

  @Test
  void ourServer_servesItsClients(@TempDir Path directory) throws Exception {
    UnixListener listener = Wait.value(UnixServer.at(directory.resolve("s")).bind());
    var serving =
        listener
            .connections()
            .flatMap(each -> each.output().write(each.receive()).then(each.close()))
            .subscribe();
    try (UnixSocketChannel client =
        UnixSocketChannel.open(JnrSockets.address(listener.address()))) {
      client.write(ByteBuffer.wrap("echo".getBytes(UTF_8)));
      ByteBuffer answer = ByteBuffer.allocate(4);
      while (answer.hasRemaining() && client.read(answer) >= 0) {}
      assertThat(new String(answer.array(), UTF_8)).isEqualTo("echo");
      client.shutdownOutput();
      assertThat(client.read(ByteBuffer.allocate(1))).isNegative();
    }
    serving.dispose();
    Wait.end(listener.close());
  }

  @Test
  void itsServer_servesOurClient(@TempDir Path directory) throws Exception {
    Path path = directory.resolve("s");
    try (UnixServerSocketChannel server = UnixServerSocketChannel.open()) {
      server.configureBlocking(true);
      server.socket().bind(new UnixSocketAddress(path.toFile()));
      UnixConnection client = Wait.value(UnixClient.to(path).connect());
      try (UnixSocketChannel accepted = server.accept()) {
        accepted.write(ByteBuffer.wrap("welcome".getBytes(UTF_8)));
      }
      ByteProbe probe = ByteProbe.unbounded();
      client.receive().subscribe(probe);
      assertThat(probe.awaitComplete().text()).isEqualTo("welcome");
      Wait.end(client.close());
    }
  }
}
