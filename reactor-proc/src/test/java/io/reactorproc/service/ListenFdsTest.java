/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import static io.reactorproc.service.Puppet.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.reactorproc.Command;
import io.reactorproc.Output;
import io.reactorproc.RunningProcess;
import io.reactorproc.Termination;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfExecutable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sockets that this JVM was given. */
@Timeout(60)
class ListenFdsTest {
  private static final long PID = 4711;

  @TempDir Path directory;
  private final List<String> calls = new ArrayList<>();

  /** A process in which the descriptors 3 to 5 are open. */
  private Kernel kernel() {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              int fd = (int) arguments[0];
              if (method.getName().equals("isOpen")) {
                return fd <= 5;
              }
              calls.add(method.getName() + " " + fd);
              return null;
            });
  }

  private List<ListenFds.Given> read(Map<String, String> environment) {
    return new ListenFds.Reader(kernel(), environment, PID).read();
  }

  @Test
  void sockets_haveTheirNamesAndAreNotInherited() {
    List<ListenFds.Given> given =
        read(Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "3", "LISTEN_FDNAMES", "a:b c:"));

    assertThat(given).extracting(ListenFds.Given::name).containsExactly("a", "b c", "");
    assertThat(given).extracting(one -> one.descriptor().number()).containsExactly(3, 4, 5);
    assertThat(calls).containsExactly("setCloseOnExec 3", "setCloseOnExec 4", "setCloseOnExec 5");
    given.forEach(one -> one.descriptor().close());
    assertThat(calls).endsWith("close 3", "close 4", "close 5");
  }

  @Test
  void namesThatWereNotTold_areUnknown() {
    List<ListenFds.Given> given = read(Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "2"));

    assertThat(given).extracting(ListenFds.Given::name).containsExactly("unknown", "unknown");
    given.forEach(one -> one.descriptor().close());
  }

  @Test
  void socketsOfAnotherProcess_areNotTouched() {
    assertThat(read(Map.of())).isEmpty();
    assertThat(read(Map.of("LISTEN_PID", "4712", "LISTEN_FDS", "2"))).isEmpty();
    assertThat(read(Map.of("LISTEN_PID", "4712", "LISTEN_FDS", "nonsense"))).isEmpty();
    assertThat(read(Map.of("LISTEN_FDS", "2"))).isEmpty();
    assertThat(read(Map.of("LISTEN_PID", "4711"))).isEmpty();
    assertThat(read(Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "0"))).isEmpty();
    assertThat(calls).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void valueThatCannotBe_isATypedErrorAndNothingIsTaken(
      String variable, Map<String, String> environment) {
    assertThatThrownBy(() -> read(environment))
        .isInstanceOfSatisfying(
            MalformedEnvironmentException.class,
            failure -> assertThat(failure.variable()).isEqualTo(variable));
    assertThat(calls).isEmpty();
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        Arguments.of("LISTEN_PID", Map.of("LISTEN_PID", "me", "LISTEN_FDS", "1")),
        Arguments.of("LISTEN_PID", Map.of("LISTEN_PID", "-1", "LISTEN_FDS", "1")),
        Arguments.of("LISTEN_PID", Map.of("LISTEN_PID", "", "LISTEN_FDS", "1")),
        Arguments.of("LISTEN_FDS", Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "")),
        Arguments.of("LISTEN_FDS", Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "-1")),
        Arguments.of("LISTEN_FDS", Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "+1")),
        Arguments.of("LISTEN_FDS", Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "4")),
        Arguments.of("LISTEN_FDS", Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "2147483647")),
        Arguments.of(
            "LISTEN_FDS", Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "99999999999999999999")),
        Arguments.of(
            "LISTEN_FDNAMES",
            Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "2", "LISTEN_FDNAMES", "one")),
        Arguments.of(
            "LISTEN_FDNAMES",
            Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "1", "LISTEN_FDNAMES", "a:b")));
  }

  /** A JVM behind systemd's own activator, which starts it when somebody connects. */
  @Test
  @EnabledIfExecutable("systemd-socket-activate")
  void jvmThatSystemdActivates_servesTheOneWhoConnected() throws Exception {
    Path path = directory.resolve("socket");
    List<String> argv = new ArrayList<>(List.of("systemd-socket-activate", "--listen=" + path));
    argv.addAll(
        List.of(
            "--fdname=web", Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    argv.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Xmx128m"));
    if (Runtime.version().feature() >= 22) {
      argv.add("--enable-native-access=ALL-UNNAMED");
    }
    argv.addAll(List.of("-cp", System.getProperty("java.class.path"), Jvm.class.getName()));
    Command command = Command.of(argv).stderr(Output.discard()).termination(Termination.kill());
    RunningProcess activator = Objects.requireNonNull(command.start().block(SOON));

    try (SocketChannel client = connectOnceItListens(path);
        InputStream answer = Channels.newInputStream(client)) {
      assertThat(new String(answer.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("1 web inheritable=false again=0");
      assertThat(activator.exit().block(SOON)).hasToString("exit code 0");
    } finally {
      activator.dispose();
      activator.exit().block(SOON);
    }
  }

  /** The file is there a moment before anybody listens: between bind and listen. */
  private static SocketChannel connectOnceItListens(Path path) {
    AtomicReference<SocketChannel> connected = new AtomicReference<>();
    Await.until(
        "it listens",
        () -> {
          try {
            connected.set(SocketChannel.open(UnixDomainSocketAddress.of(path)));
            return true;
          } catch (IOException notYet) {
            return false;
          }
        });
    return Objects.requireNonNull(connected.get());
  }

  /** That JVM. */
  static final class Jvm {
    private Jvm() {}

    /** Answers the first client with what it was given. */
    public static void main(String[] arguments) {
      List<ListenFds.Given> given = ListenFds.take();
      int socket = given.get(0).descriptor().number();
      String answer =
          given.size()
              + " "
              + given.get(0).name()
              + " inheritable="
              + Kernel.system().isInheritable(socket)
              + " again="
              + ListenFds.take().size();
      int client = Sockets.system().accept(socket);
      byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
      var buffer = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
      Sockets.system()
          .send(
              client,
              SocketMessage.addressOf(buffer, 0),
              bytes.length,
              SocketMessage.ofThread().clear());
      System.exit(0);
    }
  }
}
