/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.Ends;
import io.reactorproc.ipc.OneLoop;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Datagrams: whole, with their senders, by demand. */
@Timeout(60)
final class UnixDatagramTest {
  private final OneLoop loop = new OneLoop();

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @AfterEach
  void close() {
    loop.close();
  }

  private UnixDatagramSocket socket(String name) {
    return Wait.value(UnixDatagrams.at(directory.resolve(name)).loops(loop.loops()).bind());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static BlockingQueue<UnixDatagram> receive(UnixDatagramSocket from) {
    BlockingQueue<UnixDatagram> queue = new LinkedBlockingQueue<>();
    from.receive().subscribe(queue::add, error -> {});
    return queue;
  }

  private static UnixDatagram next(BlockingQueue<UnixDatagram> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(20, TimeUnit.SECONDS), "no datagram");
  }

  @Test
  void aDatagram_tellsItsSenderAndIsAnswered() throws Exception {
    UnixDatagramSocket one = socket("one");
    UnixDatagramSocket two = socket("two");
    BlockingQueue<UnixDatagram> atTwo = receive(two);
    BlockingQueue<UnixDatagram> atOne = receive(one);
    Wait.end(one.send(bytes("question"), two.address()));
    UnixDatagram question = next(atTwo);
    assertThat(question.bytes().toString(UTF_8)).isEqualTo("question");
    assertThat(question.sender()).isEqualTo(one.address());
    assertThat(question.credentials().pid()).isEqualTo(Proc.self());
    assertThat(question.isTruncated()).isFalse();
    Wait.end(two.send(bytes("answer"), question.sender()));
    question.release();
    UnixDatagram answer = next(atOne);
    assertThat(answer.bytes().toString(UTF_8)).isEqualTo("answer");
    answer.release();

    Wait.end(one.close());
    Wait.end(two.close());
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void anEmptyDatagram_isOne() throws Exception {
    UnixDatagramSocket one = socket("one");
    BlockingQueue<UnixDatagram> atOne = receive(one);
    Wait.end(one.send(new byte[0], one.address()));
    UnixDatagram empty = next(atOne);
    assertThat(empty.length()).isZero();
    empty.release();
    Wait.end(one.close());
  }

  @Test
  void aLongerOneThanTheLimit_isFlaggedAndTheNextOneComes() throws Exception {
    UnixDatagramSocket one =
        Wait.value(UnixDatagrams.at(directory.resolve("one")).mostMessage(10).bind());
    BlockingQueue<UnixDatagram> atOne = receive(one);
    Wait.end(one.send(bytes("0123456789abc"), one.address()));
    Wait.end(one.send(bytes("short"), one.address()));
    UnixDatagram cut = next(atOne);
    assertThat(cut.isTruncated()).isTrue();
    assertThat(cut.length()).isEqualTo(13);
    assertThat(cut.bytes().toString(UTF_8)).isEqualTo("0123456789");
    cut.release();
    UnixDatagram whole = next(atOne);
    assertThat(whole.isTruncated()).isFalse();
    whole.release();
    Wait.end(one.close());
  }

  @Test
  void descriptors_travelWithDatagrams() throws Exception {
    UnixDatagramSocket one = socket("one");
    BlockingQueue<UnixDatagram> atOne = receive(one);
    try (Pipe pipe = Ends.pipe()) {
      Wait.end(one.send(bytes("x"), one.address(), pipe.readEnd(), pipe.writeEnd()));
      UnixDatagram datagram = next(atOne);
      assertThat(datagram.descriptors()).hasSize(2);
      assertThat(datagram.lacksDescriptors()).isFalse();
      datagram.release();
      Wait.end(one.send(bytes("unread"), one.address(), pipe.readEnd()));
    }
    Wait.end(one.close());
    atOne.forEach(UnixDatagram::release);
  }

  @Test
  void sendersThatAreNotAllowed_areDroppedAndCounted() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    UnixDatagramSocket one =
        Wait.value(
            UnixDatagrams.at(directory.resolve("one"))
                .access(peer -> asked.incrementAndGet() > 2)
                .bind());
    BlockingQueue<UnixDatagram> atOne = receive(one);
    try (Pipe pipe = Ends.pipe()) {
      Wait.end(one.send(bytes("a"), one.address(), pipe.readEnd()));
      Wait.end(one.send(bytes("b"), one.address()));
      Wait.end(one.send(bytes("c"), one.address()));
    }
    UnixDatagram allowed = next(atOne);
    assertThat(allowed.bytes().toString(UTF_8)).isEqualTo("c");
    assertThat(one.refused()).isEqualTo(2);
    allowed.release();
    Wait.end(one.close());
  }

  @Test
  void noDemand_fillsTheQueueAndTheSenderWaits() {
    UnixDatagramSocket one = socket("one");
    AtomicInteger received = new AtomicInteger();
    BaseSubscriber<UnixDatagram> subscriber =
        new BaseSubscriber<>() {
          @Override
          protected void hookOnSubscribe(Subscription subscription) {}

          @Override
          protected void hookOnNext(UnixDatagram datagram) {
            received.incrementAndGet();
            datagram.release();
          }

          @Override
          protected void hookOnError(Throwable error) {}
        };
    one.receive().subscribe(subscriber);
    UnixConnection sender =
        Wait.value(
            UnixClient.to(one.address()).type(SocketType.DATAGRAM).loops(loop.loops()).connect());
    AtomicInteger made = new AtomicInteger();
    Flux<ByteBuf> thousand =
        Flux.range(0, 1_000)
            .map(
                i -> {
                  made.incrementAndGet();
                  return Unpooled.wrappedBuffer(new byte[4_000 + i]);
                });
    var outcome = sender.output().write(thousand).cache();
    outcome.subscribe();
    loop.settle();
    loop.settle();
    assertThat(made.get()).isLessThan(1_000);
    assertThat(received.get()).isZero();
    subscriber.request(Long.MAX_VALUE);

    Wait.end(outcome);
    Await.until("all have come", () -> received.get() == 1_000);
    Wait.end(sender.close());
    Wait.end(one.close());
  }

  @Test
  void aFullQueue_delaysASendUntilThereIsRoom() {
    UnixDatagramSocket one = socket("one");
    UnixDatagramSocket two = socket("two");
    AtomicInteger sent = new AtomicInteger();
    var sending =
        Flux.range(0, 600)
            .concatMap(
                i -> two.send(bytes("x"), one.address()).doOnSuccess(v -> sent.getAndIncrement()))
            .then()
            .cache();
    sending.subscribe();
    int[] last = {-1};
    Await.until(
        "the queue is full",
        () -> {
          boolean same = last[0] == sent.get() && last[0] > 0;
          last[0] = sent.get();
          return same || last[0] == 600;
        });
    BlockingQueue<UnixDatagram> atOne = receive(one);
    Wait.end(sending);
    Await.until("all have come", () -> atOne.size() == 600);
    atOne.forEach(UnixDatagram::release);
    Wait.end(one.close());
    Wait.end(two.close());
  }

  @Test
  void aReceiverThatIsGone_isATypedError() {
    UnixDatagramSocket one = socket("one");
    assertThat(Wait.error(one.send(bytes("x"), UnixAddress.of(directory.resolve("nobody")))))
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue());
    assertThat(Wait.error(one.send(new byte[10 << 20], one.address())))
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.is(Errno.EMSGSIZE)).isTrue());
    UnixConnection sender =
        Wait.value(UnixClient.to(one.address()).type(SocketType.DATAGRAM).connect());
    Wait.end(one.close());

    assertThat(Wait.value(sender.output().write("x")).readerGone()).isTrue();
    Wait.end(sender.close());
    assertThat(Wait.error(one.send(bytes("x"), one.address())))
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void cancelOfReceiving_leavesTheSendingSide() throws Exception {
    UnixDatagramSocket one = socket("one");
    UnixDatagramSocket two = socket("two");
    BlockingQueue<UnixDatagram> atTwo = receive(two);
    one.receive().subscribe(UnixDatagram::release).dispose();
    Wait.end(one.send(bytes("still"), two.address()));

    next(atTwo).release();
    StepVerifier.create(one.receive()).verifyError(IllegalStateException.class);
    Wait.end(one.close());
    Wait.end(two.close());
  }
}
