/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import static io.reactorproc.service.Puppet.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.Command;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.EnabledIfExecutable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What a service tells its manager. */
@Timeout(60)
class NotifyTest {
  @TempDir Path directory;

  private static NotifyTarget target(Map<String, String> environment) {
    return new NotifyTarget(Sockets.system(), environment, 4711);
  }

  /** This very build is no service, or its manager would be told. */
  @Test
  void withoutASocket_nothingIsDone() {
    NotifyTarget nobody = target(Map.of());

    assertThat(nobody.send("READY=1").block(SOON)).isFalse();
    assertThat(nobody.barrier().block(SOON)).isFalse();
    assertThat(nobody.keepAlive().collectList().block(SOON)).isEmpty();
    assertThat(nobody.watchdog()).isEmpty();
    assertThat(target(Map.of("NOTIFY_SOCKET", "")).send("READY=1").block(SOON)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"relative", "vsock:2:1234", "@", "/"})
  void addressThatIsNone_isATypedError(String address) {
    assertThatThrownBy(() -> target(Map.of("NOTIFY_SOCKET", address)).send("READY=1").block(SOON))
        .isInstanceOfSatisfying(
            MalformedEnvironmentException.class,
            failure -> assertThat(failure.variable()).isEqualTo("NOTIFY_SOCKET"));
  }

  @Test
  void addressThatIsTooLong_isATypedError() {
    for (String address : List.of("/" + "x".repeat(107), "@" + "x".repeat(108))) {
      assertThatThrownBy(() -> target(Map.of("NOTIFY_SOCKET", address)).send("READY=1").block(SOON))
          .isInstanceOf(MalformedEnvironmentException.class);
    }
  }

  @Test
  void managerThatIsGone_isATypedError() {
    for (String address : List.of("@nobody-listens-here", directory + "/nothing")) {
      assertThatThrownBy(() -> target(Map.of("NOTIFY_SOCKET", address)).send("READY=1").block(SOON))
          .hasCauseInstanceOf(SystemCallException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "READY", "=1", "STATUS=a\nREADY=1", "STATUS=\0"})
  void textThatIsNoAssignment_isRefusedAtOnce(String text) {
    assertThatThrownBy(() -> target(Map.of()).send(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void watchdog_isForTheProcessThatItNames() {
    assertThat(target(Map.of("WATCHDOG_USEC", "2000000")).watchdog())
        .contains(Duration.ofSeconds(2));
    assertThat(target(Map.of("WATCHDOG_USEC", "5", "WATCHDOG_PID", "4711")).watchdog())
        .contains(Duration.ofNanos(5000));
    assertThat(target(Map.of("WATCHDOG_USEC", "5", "WATCHDOG_PID", "4712")).watchdog())
        .isEqualTo(Optional.empty());
    for (Map<String, String> wrong :
        List.of(
            Map.of("WATCHDOG_USEC", "0"),
            Map.of("WATCHDOG_USEC", "1s"),
            Map.of("WATCHDOG_USEC", ""),
            Map.of("WATCHDOG_USEC", "5", "WATCHDOG_PID", "me"),
            Map.of("WATCHDOG_USEC", "5", "WATCHDOG_PID", "-1"))) {
      assertThatThrownBy(() -> target(wrong).watchdog())
          .isInstanceOf(MalformedEnvironmentException.class);
    }
  }

  /** A queue that nobody reads is full after some messages; sending waits for it, and gives up. */
  @Test
  void fullQueue_isWaitedForUntilItIsRead() {
    Puppet puppet = Puppet.start(Puppet.trusting());
    NotifyTarget target = puppet.target();

    List<Boolean> sent =
        reactor.core.publisher.Flux.range(0, 2000)
            .flatMap(i -> target.send("X=" + i), 64)
            .collectList()
            .blockOptional(SOON)
            .orElseThrow();

    assertThat(sent).hasSize(2000).containsOnly(true);
    puppet.says("READY=1");
    puppet.service.ready().block(SOON);
    assertThat(puppet.service.counters().accepted()).isEqualTo(2001);
    puppet.dispose();
  }

  /** A JVM that is a service: all it can say, understood by our own side. */
  @Test
  void jvm_tellsItsManagerEverything() {
    List<String> argv = new ArrayList<>();
    argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    argv.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Xmx128m"));
    if (Runtime.version().feature() >= 22) {
      argv.add("--enable-native-access=ALL-UNNAMED");
    }
    argv.addAll(List.of("-cp", System.getProperty("java.class.path"), Jvm.class.getName()));
    Service service = Service.of(Command.of(argv)).watchdog(Duration.ofSeconds(50));
    RunningService running = Objects.requireNonNull(service.start().block(SOON));
    Mono<List<Notification>> all = running.notifications().collectList();

    assertThat(running.exit().block(SOON)).hasToString("exit code 0");

    List<Notification> messages = all.blockOptional(SOON).orElseThrow();
    assertThat(messages)
        .extracting(message -> String.join(" ", message.values().keySet()))
        .containsExactly(
            "STATUS",
            "EXTEND_TIMEOUT_USEC",
            "MAINPID",
            "READY STATUS",
            "WATCHDOG",
            "WATCHDOG",
            "RELOADING MONOTONIC_USEC",
            "READY",
            "ERRNO",
            "STOPPING",
            "BARRIER");
    assertThat(messages.get(0).status()).contains("one line");
    assertThat(messages.get(6).monotonic().orElseThrow())
        .isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime()))
        .isGreaterThan(Duration.ofNanos(System.nanoTime()).minusSeconds(60));
    assertThat(running.state().errno()).hasValue(5);
    running.dispose();
  }

  /** That JVM. */
  static final class Jvm {
    private Jvm() {}

    /** Says all there is to say. */
    public static void main(String[] arguments) {
      assertThat(Notify.watchdogInterval()).contains(Duration.ofSeconds(50));
      Notify.status("one\nline").block(SOON);
      Notify.extendTimeout(Duration.ofSeconds(10)).block(SOON);
      Notify.mainPid((int) ProcessHandle.current().pid()).block(SOON);
      assertThat(Notify.ready("up").block(SOON)).isTrue();
      Notify.watchdog().block(SOON);
      Notify.keepAlive().blockFirst(SOON);
      Notify.reloading().block(SOON);
      Notify.ready().block(SOON);
      Notify.errno(5).block(SOON);
      Notify.stopping().block(SOON);
      assertThat(Notify.barrier().block(SOON)).isTrue();
      System.exit(0);
    }
  }

  /** A manager of another make, on a socket with a path and on an abstract one. */
  @Test
  @EnabledIfExecutable("python3")
  void managerInPython_understands() {
    for (String address : List.of(directory.resolve("notify").toString(), "@" + directory)) {
      Command manager =
          Command.of(
              "python3",
              "-c",
              """
                  import socket,sys
                  a=sys.argv[1]
                  s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)
                  s.bind('\\0'+a[1:] if a[0]=='@' else a)
                  print('bound',flush=True)
                  print(s.recv(4096).decode().replace('\\n',' '),flush=True)
                  m,f,_,_=socket.recv_fds(s,4096,5)
                  print(m.decode(),len(f),flush=True)
                  """,
              address);
      NotifyTarget target = target(Map.of("NOTIFY_SOCKET", address));

      List<String> said =
          manager
              .lines()
              .concatMap(
                  line ->
                      line.equals("bound")
                          ? target
                              .send("READY=1", "STATUS=ü")
                              .then(target.barrier())
                              .thenReturn(line)
                          : Mono.just(line))
              .collectList()
              .blockOptional(SOON)
              .orElseThrow();

      assertThat(said).containsExactly("bound", "READY=1 STATUS=ü", "BARRIER=1 1");
    }
  }
}
