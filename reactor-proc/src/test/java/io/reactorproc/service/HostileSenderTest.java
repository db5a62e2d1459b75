/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import static io.reactorproc.service.Puppet.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.reactorproc.Command;
import io.reactorproc.Stdin;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.service.ServiceState.Phase;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfExecutable;
import io.reactorproc.testkit.Proc;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What may come to a notify socket, which anybody can send to. */
@Timeout(60)
class HostileSenderTest {
  /** The service's last word, after which all that was sent before has been handled. */
  private static NotifyCounters settled(Puppet puppet) {
    puppet.says("READY=1");
    assertThat(puppet.service.ready().block(SOON)).isNotNull();
    return puppet.service.counters();
  }

  /** This JVM is no child of its own. */
  @Test
  void otherProcess_isIgnoredAndCounted() throws Exception {
    Puppet puppet = Puppet.start(Service.of(Puppet.COMMAND));
    try (RawSender sender = new RawSender(puppet.address)) {
      for (int i = 0; i < 50; i++) {
        sender.send("READY=1\nSTATUS=forged\nMAINPID=" + Proc.self());
      }
    }
    Await.until("all are counted", () -> puppet.service.counters().foreign() == 50);

    assertThat(puppet.service.state().phase()).isEqualTo(Phase.STARTING);
    assertThat(puppet.service.state().status()).isEmpty();
    assertThat(puppet.service.counters()).isEqualTo(new NotifyCounters(0, 50, 0, 0, 0, 0));
    puppet.dispose();
  }

  @Test
  void malformedMessages_areCountedAndTheReceiverGoesOn() throws Exception {
    Puppet puppet = Puppet.start(Puppet.trusting());
    try (RawSender sender = new RawSender(puppet.address)) {
      sender.send("");
      sender.send("\n\n\n");
      sender.send("no assignment at all");
      sender.send("READY=\0");
      sender.send("READY=1\0STATUS=behind a NUL");
      sender.send(new byte[] {'S', 'T', 'A', 'T', 'U', 'S', '=', (byte) 0xc3, (byte) 0x28});
      sender.send("MAINPID=-7\nSTATUS=kept\nERRNO=x");
    }

    NotifyCounters counters = settled(puppet);

    assertThat(counters).isEqualTo(new NotifyCounters(8, 0, 6, 0, 0, 0));
    assertThat(puppet.service.state().status()).contains("kept");
    assertThat(puppet.service.state().mainPid()).isEmpty();
    puppet.dispose();
  }

  @Test
  void messageOfMoreThanAPage_isIgnoredAndCounted() throws Exception {
    Puppet puppet = Puppet.start(Puppet.trusting());
    byte[] most = new byte[4096];
    Arrays.fill(most, (byte) 'x');
    System.arraycopy("STATUS=".getBytes(StandardCharsets.US_ASCII), 0, most, 0, 7);
    byte[] tooMuch = Arrays.copyOf(most, 4097);
    tooMuch[4096] = 'y';
    byte[] huge = new byte[150_000];
    try (RawSender sender = new RawSender(puppet.address)) {
      sender.send(most);
      sender.send(tooMuch);
      sender.send(huge);
    }

    NotifyCounters counters = settled(puppet);

    assertThat(counters).isEqualTo(new NotifyCounters(2, 0, 0, 2, 0, 0));
    assertThat(puppet.service.state().status().orElseThrow()).hasSize(4096 - 7);
    puppet.dispose();
  }

  @Test
  void descriptorsOfAnyMessage_areClosed() throws Exception {
    Puppet trusting = Puppet.start(Puppet.trusting());
    Puppet wary = Puppet.start(Service.of(Puppet.COMMAND));
    int before = Proc.descriptors().size();
    int[] most = new int[SocketMessage.MOST_DESCRIPTORS];
    try (Pipe pipe = Pipe.open();
        RawSender sender = new RawSender(trusting.address);
        RawSender stranger = new RawSender(wary.address)) {
      int fd = pipe.writeEnd().number();
      Arrays.fill(most, fd);
      sender.send("FDSTORE=1\nFDNAME=kept", fd, fd);
      sender.send("no assignment", fd);
      sender.send(new byte[5000], fd);
      sender.send("READY=1", most);
      stranger.send("FDSTORE=1", most);
      assertThat(trusting.service.ready().block(SOON)).isNotNull();
      Await.until("it is counted", () -> wary.service.counters().foreign() == 1);
    }
    assertThat(trusting.service.counters().descriptors()).isEqualTo(4 + most.length);
    assertThat(wary.service.counters().descriptors()).isEqualTo(most.length);
    Await.until("all are closed", () -> Proc.descriptors().size() == before);
    trusting.dispose();
    wary.dispose();
  }

  /** The sender sees the end of its pipe when what it had sent before is handled, not earlier. */
  @Test
  void barrier_isAnsweredBehindWhatWasSentBefore() {
    Puppet puppet = Puppet.start(Puppet.trusting());
    for (int i = 0; i < 20; i++) {
      puppet.says("STATUS=" + i);

      assertThat(puppet.target().barrier().block(SOON)).isTrue();
      assertThat(puppet.service.state().status()).contains("" + i);
    }
    puppet.dispose();
  }

  @Test
  void floodOfStrangers_isBoundedAndTheServiceIsHeardNevertheless() throws Exception {
    Puppet puppet = Puppet.start(Service.of(Puppet.COMMAND));
    Puppet heard = Puppet.start(Puppet.trusting());
    try (RawSender stranger = new RawSender(puppet.address);
        RawSender chatty = new RawSender(heard.address);
        Pipe pipe = Pipe.open()) {
      for (int i = 0; i < 10_000; i++) {
        stranger.send("READY=1\nSTATUS=" + i, pipe.readEnd().number());
        chatty.send("X=" + i);
      }
    }
    assertThat(settled(heard).accepted()).isEqualTo(10_001);
    Await.until("all are counted", () -> puppet.service.counters().foreign() == 10_000);
    assertThat(puppet.service.counters().descriptors()).isEqualTo(10_000);
    assertThat(heard.service.notifications().take(64).collectList().block(SOON)).hasSize(64);
    puppet.end();
    heard.end();
    assertThat(heard.service.exit().block(SOON)).hasToString("exit code 0");
    assertThat(puppet.service.exit().block(SOON)).hasToString("exit code 0");
  }

  /** Those who go on sending cannot keep the end of the child from being told. */
  @Test
  void floodThatDoesNotStop_doesNotHoldUpTheExit() throws Exception {
    Puppet puppet = Puppet.start(Service.of(Puppet.COMMAND));
    Process flood =
        new ProcessBuilder(
                "python3",
                "-c",
                """
                    import socket,sys
                    s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)
                    try:
                      while True: s.sendto(b'READY=1','\\0'+sys.argv[1][1:])
                    except OSError: pass
                    """,
                puppet.address)
            .start();
    try {
      Await.until("it floods", () -> puppet.service.counters().foreign() > 1000);
      puppet.end();

      assertThat(puppet.service.exit().block(SOON)).hasToString("exit code 0");
    } finally {
      flood.destroyForcibly().waitFor();
    }
  }

  private static final String SEND_READY =
      """
          import os,socket,sys
          a=os.environ['NOTIFY_SOCKET']
          s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)
          s.sendto(b'READY=1\\nSTATUS='+sys.argv[1].encode(),'\\0'+a[1:])
          sys.stdin.read()
          """;

  private static Command python(String prefix) {
    return Command.shell(prefix).args("sh", SEND_READY).stdin(Stdin.pipe());
  }

  private static void isHeard(Service service, boolean heard) {
    RunningService running = Objects.requireNonNull(service.start().block(SOON));
    if (heard) {
      assertThat(running.ready().block(SOON)).isNotNull();
    } else {
      Await.until("it is counted", () -> running.counters().foreign() >= 1);
      assertThat(running.state().phase()).isEqualTo(Phase.STARTING);
    }
    running.dispose();
    running.process().exit().block(SOON);
    Await.until("all have gone", () -> Proc.children().isEmpty());
  }

  @Test
  @EnabledIfExecutable("python3")
  void child_isHeardByEveryPolicy() {
    Command itself = python("exec python3 -c \"$1\" x");
    for (NotifyAccess access :
        List.of(NotifyAccess.child(), NotifyAccess.group(), NotifyAccess.descendants())) {
      isHeard(Service.of(itself).access(access), true);
    }
    isHeard(Service.of(itself.inheritProcessGroup()), true);
    isHeard(Service.of(itself).access(NotifyAccess.matching(sender -> false)), true);
  }

  @Test
  @EnabledIfExecutable("python3")
  void processOfTheGroup_isHeardByThatPolicyOnly() {
    Command grandchild = python("python3 -c \"$1\" x; exit");
    isHeard(Service.of(grandchild).access(NotifyAccess.child()), false);
    isHeard(Service.of(grandchild), true);
    isHeard(Service.of(grandchild).access(NotifyAccess.descendants()), true);
    // Of the JVM's own group are many others.
    isHeard(Service.of(grandchild.inheritProcessGroup()), false);
    isHeard(Service.of(grandchild.inheritProcessGroup()).access(NotifyAccess.descendants()), true);
  }

  @Test
  @EnabledIfExecutable({"python3", "setsid"})
  void descendantInAnotherGroup_isHeardByThatPolicyOnly() {
    Command apart = python("setsid -w python3 -c \"$1\" x; exit");
    isHeard(Service.of(apart), false);
    isHeard(Service.of(apart).access(NotifyAccess.descendants()), true);
  }

  @Test
  @EnabledIfExecutable({"/usr/bin/systemd-notify", "setpriv"})
  void senderOfAnotherUid_isKnownByItsUid() {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs to be root");
    Command nobody =
        Command.shell(
                "setpriv --reuid 65534 --regid 65534 --clear-groups"
                    + " /usr/bin/systemd-notify --ready; read end; exit")
            .inheritProcessGroup()
            .stdin(Stdin.pipe());

    isHeard(
        Service.of(nobody).access(NotifyAccess.matching(sender -> sender.uid() == 65534)), true);
    isHeard(Service.of(nobody).access(NotifyAccess.matching(sender -> sender.uid() == 0)), false);
    isHeard(Service.of(nobody), false);
  }

  /** What a lookup decides comes in order, and what comes meanwhile waits in the kernel. */
  @Test
  void messagesThatHaveToBeLookedUp_keepTheirOrder() throws Exception {
    Puppet puppet = Puppet.start(Service.of(Puppet.COMMAND).access(NotifyAccess.descendants()));
    try (RawSender stranger = new RawSender(puppet.address);
        Pipe pipe = Pipe.open()) {
      for (int i = 0; i < 500; i++) {
        stranger.send("READY=1", pipe.readEnd().number());
      }
    }
    Await.until("all are counted", () -> puppet.service.counters().foreign() == 500);
    puppet.end();
    assertThat(puppet.service.exit().block(SOON)).hasToString("exit code 0");
  }

  @Test
  void socketThatCannotBeRead_isTheErrorOfTheReadinessAndNotOfTheExit() {
    AtomicInteger receives = new AtomicInteger();
    Sockets broken = failing("receive", receives);
    RunningService service =
        Objects.requireNonNull(Service.of(Puppet.COMMAND).start(broken).block(SOON));

    assertThat(
            service
                .ready()
                .map(Ready::toString)
                .onErrorResume(error -> Mono.just(error.toString()))
                .block(SOON))
        .contains("cannot be read");
    service.process().stdin().close().block(SOON);
    assertThat(service.exit().block(SOON)).hasToString("exit code 0");
    assertThat(receives).hasPositiveValue();
    service.dispose();
  }

  @Test
  void socketThatCannotBeMade_isTheErrorOfTheStart() {
    for (String call : List.of("open", "setOption", "autobind", "name")) {
      Throwable error =
          Service.of(Puppet.COMMAND)
              .start(failing(call, new AtomicInteger()))
              .map(service -> (Throwable) new AssertionError("started"))
              .onErrorResume(Mono::just)
              .blockOptional(SOON)
              .orElseThrow();
      assertThat(error).hasMessageContaining("ENFILE");
    }
  }

  private static Sockets failing(String call, AtomicInteger calls) {
    Sockets real = Sockets.system();
    return (Sockets)
        Proxy.newProxyInstance(
            Sockets.class.getClassLoader(),
            new Class<?>[] {Sockets.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals(call)) {
                calls.incrementAndGet();
                if (method.getReturnType() == int.class && method.getExceptionTypes().length == 0) {
                  return -Errno.ENFILE.intValue();
                }
                throw new SystemCallException(call, Errno.ENFILE.intValue(), "fail");
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** A pipe that came with a message to a service that is gone is closed by the kernel. */
  @Test
  void messagesToAServiceThatIsGone_leaveNothingOpen() throws Exception {
    Pipe pipe = Pipe.open();
    Puppet puppet = Puppet.start(Service.of(Puppet.COMMAND));
    try (RawSender sender = new RawSender(puppet.address);
        Descriptor writeEnd = pipe.writeEnd()) {
      sender.send("X=1", writeEnd.number());
      puppet.dispose();
    }
    Flux<ByteBuf> end = DescriptorStreams.read(pipe.readEnd());

    assertThat(end.doOnNext(ByteBuf::release).count().block(SOON)).isZero();
  }
}
