/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.ByteProbe;
import io.reactorproc.ipc.ChildJvm;
import io.reactorproc.ipc.Ends;
import io.reactorproc.ipc.OneLoop;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.RawEnd;
import io.reactorproc.ipc.flow.DescriptorsLostException;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jnr.constants.platform.RLIMIT;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** Descriptors travel with bytes, are owned at every moment by somebody, and leak at none. */
@Timeout(60)
final class DescriptorPassingTest {
  private final OneLoop loop = new OneLoop();
  private final SocketPair pair = pair(SocketType.STREAM);
  private final UnixConnection sender = connection(pair.one());
  private final UnixConnection receiver = connection(pair.other());
  private final Pipe pipe = Ends.pipe();

  @AfterEach
  void close() {
    Wait.end(sender.close());
    Wait.end(receiver.close());
    pipe.close();
    loop.close();
  }

  private static SocketPair pair(SocketType type) {
    try {
      return SocketPair.open(type);
    } catch (SystemCallException e) {
      throw new UncheckedIOException(e);
    }
  }

  private UnixConnection connection(Descriptor socket) {
    try {
      return UnixConnection.of(socket, loop.loops());
    } catch (SystemCallException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static BlockingQueue<UnixMessage> messages(UnixConnection from) {
    BlockingQueue<UnixMessage> queue = new LinkedBlockingQueue<>();
    from.messages().subscribe(queue::add, error -> {});
    return queue;
  }

  private static UnixMessage next(BlockingQueue<UnixMessage> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(20, TimeUnit.SECONDS), "no message");
  }

  @Test
  void pipesFilesSocketsAndPidfds_arriveAndWork(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "content of the file");
    Process child = new ProcessBuilder("sleep", "1000").start();
    BlockingQueue<UnixMessage> arriving = messages(receiver);
    try (Descriptor opened = Ends.openToRead(file);
        SocketPair sockets = pair(SocketType.STREAM);
        Descriptor pidfd = Descriptor.own(Kernel.system().pidfdOpen((int) child.pid()))) {
      Wait.end(sender.send(bytes("x"), pipe.writeEnd(), opened, sockets.one(), pidfd));
      UnixMessage message = next(arriving);
      assertThat(message.bytes().toString(StandardCharsets.UTF_8)).isEqualTo("x");
      List<Descriptor> arrived = message.takeDescriptors();
      message.release();
      assertThat(arrived).hasSize(4);
      for (Descriptor each : arrived) {
        assertThat(Kernel.system().isInheritable(each.number())).isFalse();
      }
      try (RawEnd pipeEnd = Ends.raw(arrived.get(0));
          RawEnd fileEnd = Ends.raw(arrived.get(1));
          RawEnd socketEnd = Ends.raw(arrived.get(2));
          Descriptor pidfdEnd = arrived.get(3)) {
        pipeEnd.say("through the pipe");
        assertThat(Ends.raw(pipe.readEnd()).awaitText(16)).isEqualTo("through the pipe");
        assertThat(fileEnd.awaitText(19)).isEqualTo("content of the file");
        socketEnd.say("through the socket");
        assertThat(Ends.raw(sockets.other()).awaitText(18)).isEqualTo("through the socket");
        assertThat(Kernel.system().pidfdSendSignal(pidfdEnd.number(), 9)).isTrue();
      }
    } finally {
      assertThat(child.waitFor()).isEqualTo(128 + 9);
    }
  }

  @Test
  void theSender_keepsItsDescriptorsAndSendsThemAgain() throws Exception {
    BlockingQueue<UnixMessage> arriving = messages(receiver);
    var send = sender.send(bytes("twice"), pipe.readEnd());
    Wait.end(send);
    next(arriving).release();
    Wait.end(send);
    next(arriving).release();

    assertThat(pipe.readEnd().isOpen()).isTrue();
  }

  @Test
  void messagesWithAndWithoutDescriptors_keepTheirOrder() throws Exception {
    BlockingQueue<UnixMessage> arriving = messages(receiver);
    Flux<UnixMessage> mixed =
        Flux.range(0, 20)
            .map(
                i ->
                    new UnixMessage(
                        Unpooled.wrappedBuffer(bytes("<" + i + ">")),
                        i % 3 == 0 ? List.of(copy(pipe.readEnd())) : List.of()));
    Wait.end(sender.send(mixed));
    Wait.end(sender.shutdownOutput());
    StringBuilder text = new StringBuilder();
    int descriptors = 0;
    while (text.indexOf("<19>") < 0) {
      UnixMessage message = next(arriving);
      text.append(message.bytes().toString(StandardCharsets.UTF_8));
      descriptors += message.descriptors().size();
      message.release();
    }

    assertThat(text).startsWith("<0><1><2>").hasSize(20 * 3 + 10);
    assertThat(descriptors).isEqualTo(7);
  }

  private static Descriptor copy(Descriptor original) {
    try {
      return Descriptor.own(Kernel.system().duplicate(original.number(), 0, "test"));
    } catch (SystemCallException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "DATAGRAM", mode = EnumSource.Mode.EXCLUDE)
  void aReaderOfBytes_getsNoDescriptorsAndLosesNoBytes(SocketType type) throws Exception {
    SocketPair sockets = pair(type);
    UnixConnection from = connection(sockets.one());
    UnixConnection to = connection(sockets.other());
    ByteProbe probe = ByteProbe.unbounded();
    to.receive().subscribe(probe);
    loop.settle();
    int before = Proc.descriptors().size();
    for (int i = 0; i < 50; i++) {
      // Both are there before the loop looks: a short read must not be taken for the end.
      loop.run(
          () -> {
            from.send(bytes("a"), pipe.writeEnd(), pipe.readEnd()).subscribe();
            from.output().write("b").subscribe();
            return 0;
          });
    }
    probe.awaitSize(100);
    loop.settle();

    assertThat(probe.text()).isEqualTo("ab".repeat(50));
    assertThat(Proc.descriptors()).hasSize(before);
    Wait.end(from.close());
    Wait.end(to.close());
  }

  /** Why a plain {@code read} in other programs leaks nothing either. */
  @Test
  void theKernel_closesDescriptorsThatAPlainReadSkips() throws Exception {
    try (SocketPair sockets = pair(SocketType.STREAM)) {
      UnixConnection from = connection(sockets.one());
      Pipe passed = Ends.pipe();
      Wait.end(from.send(bytes("x"), passed.writeEnd()));
      passed.writeEnd().close();
      RawEnd hangUp = Ends.raw(passed.readEnd());
      assertThat(hangUp.read(1)).as("on its way it is open").isEmpty();
      assertThat(Ends.raw(sockets.other()).awaitText(1)).isEqualTo("x");
      assertThat(hangUp.read(1)).as("nobody has it any more").isNull();
      hangUp.close();
      Wait.end(from.close());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void undeliveredDescriptors_areClosedWhenTheConnectionIs(boolean subscribed) throws Exception {
    Pipe passed = Ends.pipe();
    if (subscribed) {
      receiver.messages().subscribe(new NoDemand());
    }
    Wait.end(sender.send(bytes("x"), passed.writeEnd()));
    passed.writeEnd().close();
    RawEnd hangUp = Ends.raw(passed.readEnd());
    assertThat(hangUp.read(1)).isEmpty();
    Wait.end(receiver.close());

    Await.until("the descriptor on its way is closed", () -> hangUp.read(1) == null);
    hangUp.close();
  }

  /** Subscribes and asks for nothing. */
  private static final class NoDemand extends BaseSubscriber<UnixMessage> {
    @Override
    protected void hookOnSubscribe(Subscription subscription) {}

    @Override
    protected void hookOnError(Throwable error) {}
  }

  @Test
  void cancelAtAnyMoment_leavesNothing() throws Exception {
    for (int i = 0; i < 200; i++) {
      SocketPair sockets = pair(SocketType.STREAM);
      UnixConnection from = connection(sockets.one());
      UnixConnection to = connection(sockets.other());
      Disposable receiving = to.messages().subscribe(UnixMessage::release, error -> {});
      Disposable sending =
          from.send(
                  Flux.range(0, 100)
                      .map(
                          n ->
                              new UnixMessage(
                                  Unpooled.wrappedBuffer(bytes("x")),
                                  List.of(copy(pipe.readEnd())))))
              .subscribe();
      spin(i * 50);
      switch (i % 4) {
        case 0 -> sending.dispose();
        case 1 -> receiving.dispose();
        case 2 -> from.dispose();
        default -> to.dispose();
      }
      Wait.end(from.close());
      Wait.end(to.close());
    }
  }

  private static void spin(int times) {
    for (int i = 0; i < times; i++) {
      Thread.onSpinWait();
    }
  }

  @Test
  void moreThan253_areRefusedBeforeAnythingIsSent() {
    Descriptor[] tooMany = new Descriptor[SocketMessage.MOST_DESCRIPTORS + 1];
    Arrays.fill(tooMany, pipe.readEnd());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sender.send(bytes("x"), tooMany))
        .withMessageContaining("253");
    assertThatIllegalArgumentException().isThrownBy(() -> sender.send(new byte[0], pipe.readEnd()));
    assertThat(
            Wait.error(
                sender.send(
                    Flux.just(
                        new UnixMessage(Unpooled.EMPTY_BUFFER, List.of(copy(pipe.readEnd())))))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void all253_arrive() throws Exception {
    BlockingQueue<UnixMessage> arriving = messages(receiver);
    Descriptor[] most = new Descriptor[SocketMessage.MOST_DESCRIPTORS];
    Arrays.fill(most, pipe.readEnd());
    Wait.end(sender.send(bytes("x"), most));
    UnixMessage message = next(arriving);

    assertThat(message.descriptors()).hasSize(SocketMessage.MOST_DESCRIPTORS);
    message.release();
  }

  @Test
  void aClosedDescriptor_isAnErrorOfTheSendAlone() throws Exception {
    Descriptor closed = copy(pipe.readEnd());
    closed.close();
    BlockingQueue<UnixMessage> arriving = messages(receiver);

    assertThat(Wait.error(sender.send(bytes("x"), pipe.readEnd(), closed)))
        .isInstanceOf(IllegalStateException.class);
    Wait.end(sender.send(bytes("y"), pipe.readEnd()));
    UnixMessage message = next(arriving);
    assertThat(message.bytes().toString(StandardCharsets.UTF_8)).isEqualTo("y");
    message.release();
  }

  /** The program: a message with three descriptors, and room for one. */
  static final class AtTheLimit {
    private AtTheLimit() {}

    public static void main(String[] args) throws Exception {
      SocketPair sockets = SocketPair.open(SocketType.STREAM);
      UnixConnection from = UnixConnection.of(sockets.one());
      UnixConnection to = UnixConnection.of(sockets.other());
      Pipe pipe = Pipe.open();
      Wait.end(from.send(bytes("x"), pipe.readEnd(), pipe.readEnd(), pipe.readEnd()));
      int before = Proc.descriptors().size();
      int highest =
          Proc.descriptors().keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
      POSIX posix = POSIXFactory.getNativePOSIX();
      long hard = posix.getrlimit(RLIMIT.RLIMIT_NOFILE.intValue()).rlimMax();
      // Fill the holes, so that the next number is the limit's last.
      List<Descriptor> fill = new ArrayList<>();
      for (; ; ) {
        Descriptor next = copy(pipe.readEnd());
        fill.add(next);
        if (next.number() > highest) {
          break;
        }
      }
      int last = fill.get(fill.size() - 1).number();
      posix.setrlimit(RLIMIT.RLIMIT_NOFILE.intValue(), last + 2L, hard);
      Throwable error = Wait.error(to.messages().next());
      posix.setrlimit(RLIMIT.RLIMIT_NOFILE.intValue(), hard, hard);
      fill.forEach(Descriptor::close);
      System.out.println(
          error instanceof DescriptorsLostException lost
              ? "lost, received " + lost.received()
              : "unexpected: " + error);
      Map<Integer, String> after = Proc.descriptors();
      System.out.println("more than before: " + (after.size() - before));
      Wait.end(from.close());
      Wait.end(to.close());
    }
  }

  @Test
  void aReceiverAtItsLimit_getsATypedErrorAndLeaksNothing(@TempDir Path directory) {
    ChildJvm.Outcome outcome = ChildJvm.run(directory, AtTheLimit.class, List.of());

    assertThat(outcome.output()).contains("lost, received 1").contains("more than before: 0");
  }
}
