/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.ByteProbe;
import io.reactorproc.ipc.Ends;
import io.reactorproc.ipc.OneLoop;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.RawEnd;
import io.reactorproc.ipc.flow.MessageTooLongException;
import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** One connection against a peer of plain reads and writes: both directions, and how they end. */
@Timeout(60)
final class UnixConnectionTest {
  private final OneLoop loop = new OneLoop();
  private final SocketPair pair = pair(SocketType.STREAM);
  private final RawEnd peer = Ends.raw(pair.other());
  private final UnixConnection connection = connection(pair.one());

  @AfterEach
  void close() {
    connection.dispose();
    peer.close();
    Await.until("the connection is closed", connection::isDisposed);
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

  private ByteProbe receive(ByteProbe probe) {
    connection.receive().subscribe(probe);
    return probe;
  }

  @Test
  void bytes_goBothWays() {
    ByteProbe probe = receive(ByteProbe.unbounded());
    peer.say("ping");
    probe.awaitSize(4);
    Wait.end(connection.output().write("pong"));

    assertThat(peer.awaitText(4)).isEqualTo("pong");
    assertThat(connection.peer().pid()).isEqualTo(Proc.self());
    assertThat(connection.type()).isEqualTo(SocketType.STREAM);
    assertThat(connection.remoteAddress()).isEqualTo(UnixAddress.UNNAMED);
  }

  @Test
  void oneConnection_isOneDescriptor() {
    int before = Proc.descriptors().size();
    ByteProbe probe = receive(ByteProbe.unbounded());
    Wait.end(connection.output().write("x"));
    peer.say("y");
    probe.awaitSize(1);

    assertThat(Proc.descriptors()).hasSize(before);
  }

  @Test
  void halfClose_isEndOfFileForThePeerWhoMayGoOn() {
    ByteProbe probe = receive(ByteProbe.unbounded());
    Wait.end(connection.output().write("request").then(connection.shutdownOutput()));
    assertThat(peer.awaitEnd()).isEqualTo("request".getBytes(UTF_8));
    peer.say("answer");
    probe.awaitSize(6);
    assertThat(probe.isOver()).isFalse();
    peer.close();

    assertThat(probe.awaitComplete().text()).isEqualTo("answer");
    Wait.end(connection.closed());
  }

  @Test
  void thePeersHalfClose_completesReceivingAndSendingGoesOn() {
    ByteProbe probe = receive(new ByteProbe());
    loop.settle();
    Sockets.system().shutdown(pair.other().number(), 1);
    probe.awaitComplete();

    WriteOutcome outcome = Wait.value(connection.output().write("still"));
    assertThat(outcome).isEqualTo(new WriteOutcome(5, false));
    assertThat(peer.awaitText(5)).isEqualTo("still");
    assertThat(connection.isDisposed()).isFalse();
    Wait.end(connection.shutdownOutput());
    Wait.end(connection.closed());
  }

  @Test
  void bothDirectionsOver_closeTheDescriptor() {
    ByteProbe probe = receive(ByteProbe.unbounded());
    connection.output().write("x").subscribe();
    assertThat(peer.awaitText(1)).isEqualTo("x");
    peer.close();

    probe.awaitComplete();
    Wait.end(connection.closed());
    assertThat(connection.isDisposed()).isTrue();
    assertThat(pair.one().isOpen()).isFalse();
  }

  @Test
  void noDemand_fillsTheKernelAndDemandEmptiesIt() {
    ByteProbe probe = receive(new ByteProbe());
    loop.settle();
    int fitted = peer.fill();
    loop.settle();
    assertThat(probe.chunks()).isZero();
    assertThat(peer.write(new byte[1])).isZero();
    probe.request(Long.MAX_VALUE);

    probe.awaitSize(fitted);
  }

  @Test
  void aPeerThatNeverReads_holdsTheSourceBack() {
    AtomicInteger made = new AtomicInteger();
    Flux<ByteBuf> endless =
        Flux.generate(
            sink -> {
              made.incrementAndGet();
              sink.next(PooledByteBufAllocator.DEFAULT.directBuffer().writeZero(16 * 1024));
            });
    AtomicReference<WriteOutcome> outcome = new AtomicReference<>();
    connection.output().write(endless).subscribe(outcome::set);
    loop.settle();
    loop.settle();
    int held = made.get();

    assertThat(held).isBetween(2, 64);
    loop.settle();
    assertThat(made.get()).isEqualTo(held);
    peer.awaitBytes(1 << 20);
    Await.until("more is made", () -> made.get() > held);
    peer.close();
    Await.until("the reader is gone", () -> outcome.get() != null);
    assertThat(Objects.requireNonNull(outcome.get()).readerGone()).isTrue();
  }

  @Test
  void cancelOfReceiving_refusesThePeerAndSendingGoesOn() {
    ByteProbe probe = receive(ByteProbe.unbounded());
    peer.say("x");
    probe.awaitSize(1);
    probe.cancel();
    loop.settle();

    assertThatThrownBy(() -> peer.say("more")).hasMessageContaining("Broken pipe");
    Wait.end(connection.output().write("answer"));
    assertThat(peer.awaitText(6)).isEqualTo("answer");
  }

  /** Before the loop has heard of the subscriber, and so before anything is in epoll. */
  @Test
  void cancelOfReceivingAtOnce_leavesNobodyWhoWouldMissThatThePeerLeaves() {
    connection
        .receive()
        .subscribe(
            new BaseSubscriber<ByteBuf>() {
              @Override
              protected void hookOnSubscribe(Subscription subscription) {
                subscription.cancel();
              }
            });
    peer.close();

    Wait.end(connection.closed());
  }

  @Test
  void close_endsReceivingWithAnErrorAndWritesWithTheirOutcome() {
    ByteProbe probe = receive(ByteProbe.unbounded());
    AtomicReference<WriteOutcome> outcome = new AtomicReference<>();
    connection.output().write(new byte[1 << 20]).subscribe(outcome::set);
    loop.settle();
    Wait.end(connection.close());
    Wait.end(connection.close());

    assertThat(probe.awaitError()).isInstanceOf(ClosedChannelException.class);
    Await.until("the write has its outcome", () -> outcome.get() != null);
    WriteOutcome written = Objects.requireNonNull(outcome.get());
    assertThat(written.readerGone()).isTrue();
    assertThat(peer.awaitEnd()).hasSize((int) written.bytes());
    assertThat(Wait.value(connection.output().write("x")).readerGone()).isTrue();
  }

  @Test
  void closeBeforeASubscriber_isToldToTheSubscriber() {
    Wait.end(connection.close());

    assertThat(receive(ByteProbe.unbounded()).awaitError())
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void aPeerThatClosesWithoutHavingRead_isAReset() {
    ByteProbe probe = receive(ByteProbe.unbounded());
    Wait.end(connection.output().write("unread"));
    peer.say("last words");
    peer.close();

    assertThat(probe.awaitError())
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.is(Errno.ECONNRESET)).isTrue());
    assertThat(probe.text()).isEqualTo("last words");
    assertThat(Wait.value(connection.output().write("x")).readerGone()).isTrue();
    Wait.end(connection.closed());
  }

  @Test
  void aSecondSubscriber_isRefused() {
    receive(ByteProbe.unbounded());

    StepVerifier.create(connection.receive()).verifyError(IllegalStateException.class);
    StepVerifier.create(connection.messages()).verifyError(IllegalStateException.class);
  }

  @Test
  void aPeerThatReads_wakesNobodyWhoHasNothingToSend() {
    receive(ByteProbe.unbounded());
    Wait.end(connection.output().write("warm-up"));
    peer.awaitBytes(7);
    connection.output().write(new byte[1 << 20]).subscribe();
    peer.awaitBytes(1 << 20); // it waited for room, and does not any more
    loop.settle();
    Wait.end(connection.output().write("x"));
    peer.awaitBytes(1); // may find it armed still
    loop.settle();
    int before = loop.wakeUps();
    for (int i = 0; i < 100; i++) {
      Wait.end(connection.output().write("x"));
      peer.awaitBytes(1);
    }
    loop.settle();

    assertThat(loop.wakeUps() - before).isLessThan(5);
  }

  @Test
  void aLoopThatIsShutDown_endsTheConnection() {
    ByteProbe probe = receive(ByteProbe.unbounded());
    connection.output();
    loop.settle();
    loop.shutDown();

    assertThat(probe.awaitError()).hasMessageContaining("shut down");
    assertThat(pair.one().isOpen()).isFalse();
  }

  @Test
  void aLoopThatWasShutDown_closesTheConnection() {
    loop.settle();
    loop.shutDown();
    connection.dispose();

    assertThat(pair.one().isOpen()).isFalse();
    Wait.end(connection.closed());
  }

  @Test
  void somethingElseThanAUnixSocket_isRefusedAndClosed() {
    Pipe pipe = Ends.pipe();
    assertThatThrownBy(() -> UnixConnection.of(pipe.readEnd(), loop.loops()))
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.is(Errno.ENOTSOCK)).isTrue());
    assertThat(pipe.readEnd().isOpen()).isFalse();
    pipe.close();
    Descriptor gone = Ends.openToRead(Path.of("/dev/null"));
    gone.close();
    assertThatThrownBy(() -> UnixConnection.of(gone, loop.loops()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aConnectionThatNobodyUses_closes() {
    SocketPair unused = pair(SocketType.STREAM);
    Wait.end(connection(unused.one()).close());

    assertThat(unused.one().isOpen()).isFalse();
    unused.close();
  }

  @ParameterizedTest
  @EnumSource(names = "STREAM", mode = EnumSource.Mode.EXCLUDE)
  void messages_keepTheirBorders(SocketType type) {
    SocketPair messages = pair(type);
    UnixConnection one = connection(messages.one());
    UnixConnection other = connection(messages.other());
    Flux<ByteBuf> sent =
        Flux.just(1, 70_000, 3, 100_000, 2)
            .map(
                size ->
                    size % 2 == 0
                        ? Unpooled.wrappedBuffer(new byte[size])
                        : PooledByteBufAllocator.DEFAULT.directBuffer().writeZero(size));
    StepVerifier.create(
            other
                .receive()
                .map(
                    chunk -> {
                      int size = chunk.readableBytes();
                      chunk.release();
                      return size;
                    })
                .take(5))
        .then(() -> one.output().write(sent).subscribe())
        .expectNext(1, 70_000, 3, 100_000, 2)
        .verifyComplete();
    Wait.end(one.close());
    Wait.end(other.close());
  }

  @Test
  void anEmptyMessage_isNoEndOfFile() {
    SocketPair messages = pair(SocketType.SEQPACKET);
    UnixConnection reading = connection(messages.one());
    ByteProbe probe = new ByteProbe();
    reading.receive().subscribe(probe);
    RawEnd writer = Ends.raw(messages.other());
    writer.say("a");
    writer.write(new byte[0]);
    writer.say("b");
    writer.write(new byte[0]);
    writer.close();
    probe.request(2);
    probe.awaitChunks(2);
    loop.settle();
    assertThat(probe.isOver()).isFalse();
    probe.request(1);
    probe.awaitChunks(3);
    loop.settle();
    assertThat(probe.isOver()).as("the last message is empty, and still one").isFalse();
    probe.request(1);

    assertThat(probe.awaitComplete().chunks()).isEqualTo(4);
    assertThat(probe.text()).isEqualTo("ab");
    Wait.end(reading.close());
  }

  @Test
  void aMessageThatIsTooLong_isATypedError() throws Exception {
    SocketPair messages = pair(SocketType.SEQPACKET);
    RawEnd writer = Ends.raw(messages.other());
    UnixConnection reading =
        new UnixConnection(
            Sockets.system(),
            loop.loop(),
            messages.one(),
            SocketType.SEQPACKET,
            100,
            UnixAddress.UNNAMED,
            UnixAddress.UNNAMED,
            connection.peer());
    ByteProbe probe = ByteProbe.unbounded();
    reading.receive().subscribe(probe);
    writer.write(new byte[100]);
    writer.write(new byte[101]);

    assertThat(probe.awaitError())
        .isInstanceOfSatisfying(
            MessageTooLongException.class,
            e -> assertThat(Arrays.asList(e.length(), e.limit())).containsExactly(101, 100));
    assertThat(probe.bytes()).hasSize(100);
    writer.close();
    Wait.end(reading.close());
  }

  @Test
  void anEcho_ofManyBytesIsWhole() {
    int size = 8 << 20;
    byte[] content = new byte[size];
    for (int i = 0; i < size; i++) {
      content[i] = (byte) ((i * 31) >> 3);
    }
    SocketPair both = pair(SocketType.STREAM);
    UnixConnection client = connection(both.one());
    UnixConnection server = connection(both.other());
    ByteProbe probe = ByteProbe.unbounded();
    client.receive().subscribe(probe);
    Mono<WriteOutcome> echo = server.output().write(server.receive());
    echo.then(server.close()).subscribe();
    Wait.end(client.output().write(content).then(client.shutdownOutput()));

    assertThat(probe.awaitComplete().bytes()).isEqualTo(content);
    Wait.end(client.close());
  }
}
