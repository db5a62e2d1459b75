/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.ByteProbe;
import io.reactorproc.ipc.OneLoop;
import io.reactorproc.ipc.sys.PeerCredentials;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

/** A server by demand: who is accepted when, who is refused, and what it survives. */
@Timeout(60)
final class UnixServerTest {
  private final OneLoop loop = new OneLoop();

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @AfterEach
  void close() {
    loop.close();
  }

  private Path path() {
    return directory.resolve("run").resolve("server.sock");
  }

  private UnixServer server() {
    return UnixServer.at(path()).loops(loop.loops());
  }

  private UnixClient client() {
    return UnixClient.to(path()).loops(loop.loops());
  }

  /** Keeps what is accepted, and asks for what a test says. */
  private static final class Accepted extends BaseSubscriber<UnixConnection> {
    final Queue<UnixConnection> connections = new ConcurrentLinkedQueue<>();

    @Override
    protected void hookOnSubscribe(Subscription subscription) {}

    @Override
    protected void hookOnNext(UnixConnection connection) {
      connections.add(connection);
    }

    @Override
    protected void hookOnError(Throwable error) {}

    void await(int count) {
      Await.until(count + " connections", () -> connections.size() >= count);
    }

    void closeAll() {
      connections.forEach(connection -> Wait.end(connection.close()));
    }
  }

  @Test
  void aServerAndAClient_talk() {
    UnixListener listener = Wait.value(server().bind());
    Accepted accepted = new Accepted();
    listener.connections().subscribe(accepted);
    accepted.request(1);
    UnixConnection client = Wait.value(client().connect());
    accepted.await(1);
    UnixConnection server = accepted.connections.element();
    ByteProbe atServer = ByteProbe.unbounded();
    server.receive().subscribe(atServer);
    Wait.end(client.output().write("hello").then(client.shutdownOutput()));

    assertThat(atServer.awaitComplete().text()).isEqualTo("hello");
    assertThat(server.peer().pid()).isEqualTo(Proc.self());
    assertThat(client.peer().pid()).isEqualTo(Proc.self());
    assertThat(server.localAddress()).isEqualTo(UnixAddress.of(path()));
    assertThat(client.remoteAddress()).isEqualTo(UnixAddress.of(path()));
    assertThat(listener.accepted()).isEqualTo(1);
    Wait.end(listener.close());
    Wait.end(client.close());
    accepted.closeAll();
  }

  @Test
  void anEchoServer_isOneLine() {
    Disposable serving = server().serve(each -> each.output().write(each.receive()), 8).subscribe();
    List<String> answers =
        Flux.range(0, 50)
            .flatMap(i -> connected().flatMap(each -> ask(each, "question " + i)), 16)
            .collectList()
            .block(Duration.ofSeconds(20));

    assertThat(answers).hasSize(50).contains("question 0", "question 49").doesNotHaveDuplicates();
    serving.dispose();
    Await.until("the file is removed", () -> !path().toFile().exists());
  }

  /** The server may be on its way yet. */
  private Mono<UnixConnection> connected() {
    return client()
        .connect()
        .retryWhen(
            Retry.fixedDelay(2_000, Duration.ofMillis(1))
                .filter(SystemCallException.class::isInstance));
  }

  private static Mono<String> ask(UnixConnection connection, String question) {
    Mono<String> answer =
        connection
            .receive()
            .map(
                chunk -> {
                  String text = chunk.toString(UTF_8);
                  chunk.release();
                  return text;
                })
            .reduce(String::concat);
    return connection
        .output()
        .write(question)
        .then(connection.shutdownOutput())
        .then(answer)
        .flatMap(text -> connection.close().thenReturn(text));
  }

  @Test
  void noDemand_acceptsNobodyAndTheBacklogFills() {
    FaultySockets calls = FaultySockets.none();
    UnixListener listener = Wait.value(server().backlog(2).bind(calls.sockets(), loop.loops()));
    Accepted accepted = new Accepted();
    listener.connections().subscribe(accepted);
    List<UnixConnection> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      clients.add(Wait.value(client().connect()));
    }
    loop.settle();
    assertThat(calls.count("accept")).isZero();
    assertThat(Wait.error(client().patience(Duration.ofMillis(30)).connect()))
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.is(Errno.EAGAIN)).isTrue());

    accepted.request(1);
    accepted.await(1);
    loop.settle();
    assertThat(calls.count("accept")).as("one element, one accept").isEqualTo(1);
    accepted.request(2);
    accepted.await(3);
    assertThat(calls.count("accept")).isEqualTo(3);
    clients.forEach(each -> Wait.end(each.close()));
    accepted.closeAll();
    Wait.end(listener.close());
  }

  @Test
  void aFullBacklog_delaysAClientUntilThereIsRoom() {
    UnixListener listener = Wait.value(server().backlog(1).bind());
    Accepted accepted = new Accepted();
    listener.connections().subscribe(accepted);
    UnixConnection one = Wait.value(client().connect());
    UnixConnection two = Wait.value(client().connect());
    Mono<UnixConnection> third = client().connect().cache();
    third.subscribe();
    accepted.request(1);

    Wait.end(Wait.value(third).close());
    Wait.end(one.close());
    Wait.end(two.close());
    accepted.closeAll();
    Wait.end(listener.close());
  }

  @Test
  void peersThatAreNotAllowed_areClosedCountedAndTold() {
    Queue<PeerCredentials> told = new ConcurrentLinkedQueue<>();
    AtomicInteger asked = new AtomicInteger();
    UnixListener listener =
        Wait.value(
            server()
                .access(peer -> asked.incrementAndGet() > 3)
                .observer(
                    new UnixServerObserver() {
                      @Override
                      public void onRefused(PeerCredentials peer) {
                        told.add(peer);
                        throw new IllegalStateException("an observer that throws");
                      }
                    })
                .bind());
    Accepted accepted = new Accepted();
    listener.connections().subscribe(accepted);
    accepted.request(1);
    for (int i = 0; i < 3; i++) {
      UnixConnection refused = Wait.value(client().connect());
      ByteProbe probe = ByteProbe.unbounded();
      refused.receive().subscribe(probe);
      probe.awaitComplete();
      Wait.end(refused.close());
    }
    UnixConnection allowed = Wait.value(client().connect());
    accepted.await(1);

    assertThat(listener.refused()).isEqualTo(3);
    assertThat(told).hasSize(3).allMatch(peer -> peer.pid() == Proc.self());
    assertThat(listener.accepted()).isEqualTo(1);
    Wait.end(allowed.close());
    accepted.closeAll();
    Wait.end(listener.close());
  }

  @Test
  void theDefaultPolicy_isThisUserAndRoot() {
    int own = Sockets.system().effectiveUser();
    UnixAccess access = UnixAccess.ownUser();
    assertThat(access.allows(new PeerCredentials(1, own, 1))).isTrue();
    assertThat(access.allows(new PeerCredentials(1, 0, 0))).isTrue();
    assertThat(access.allows(new PeerCredentials(1, own + 1, 0))).isFalse();
    assertThat(access.allows(new PeerCredentials(0, -1, -1))).isFalse();
    assertThat(UnixAccess.users(5, 6).allows(new PeerCredentials(1, 6, 1))).isTrue();
    assertThat(UnixAccess.users(5, 6).allows(new PeerCredentials(1, 0, 1))).isFalse();
    assertThat(UnixAccess.everybody().allows(new PeerCredentials(1, -1, -1))).isTrue();
  }

  @Test
  void atTheLimitOfDescriptors_theServerPausesAndGoesOn() {
    FaultySockets calls = new FaultySockets("accept", 4, Errno.EMFILE);
    Queue<Duration> pauses = new ConcurrentLinkedQueue<>();
    UnixListener listener =
        Wait.value(
            server()
                .observer(
                    new UnixServerObserver() {
                      @Override
                      public void onAcceptFailed(SystemCallException error, Duration pause) {
                        assertThat(error.is(Errno.EMFILE)).isTrue();
                        pauses.add(pause);
                      }
                    })
                .bind(calls.sockets(), loop.loops()));
    Accepted accepted = new Accepted();
    listener.connections().subscribe(accepted);
    accepted.request(Long.MAX_VALUE);
    UnixConnection client = Wait.value(client().connect());
    accepted.await(1);

    assertThat(pauses)
        .containsExactly(
            Duration.ofMillis(10),
            Duration.ofMillis(20),
            Duration.ofMillis(40),
            Duration.ofMillis(80));
    assertThat(calls.count("accept")).as("4 failures, 1 success, 1 EAGAIN").isEqualTo(6);
    Wait.end(client.close());
    accepted.closeAll();
    Wait.end(listener.close());
  }

  @Test
  void aPauseThatIsOn_endsWithTheListener() {
    FaultySockets calls = new FaultySockets("accept", Integer.MAX_VALUE, Errno.ENFILE);
    UnixListener listener = Wait.value(server().bind(calls.sockets(), loop.loops()));
    Accepted accepted = new Accepted();
    listener.connections().subscribe(accepted);
    accepted.request(1);
    UnixConnection client = Wait.value(client().connect());
    Await.until("the server pauses", () -> calls.count("accept") > 0);
    Wait.end(listener.close());

    Await.until("the stream is over", accepted::isDisposed);
    Wait.end(client.close());
  }

  @Test
  void anotherFailureOfAccept_endsTheServerWithItsError() {
    FaultySockets calls = new FaultySockets("accept", 1, Errno.EIO);
    StepVerifier.create(
            server()
                .bind(calls.sockets(), loop.loops())
                .flatMapMany(
                    listener -> {
                      client().connect().subscribe(UnixConnection::dispose);
                      return listener.connections();
                    }))
        .verifyErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOfSatisfying(
                        SystemCallException.class, e -> assertThat(e.is(Errno.EIO)).isTrue()));
    Await.until("the file is removed", () -> !path().toFile().exists());
  }

  @Test
  void twoThousandThatConnectAndLeave_leaveNothingBehind() {
    AtomicInteger served = new AtomicInteger();
    UnixListener listener = Wait.value(server().bind());
    Disposable serving =
        listener
            .connections()
            .flatMap(
                each ->
                    each.receive()
                        .doOnNext(ByteBuf::release)
                        .then(each.close())
                        .onErrorResume(error -> each.close())
                        .doOnTerminate(served::incrementAndGet),
                64)
            .doOnDiscard(UnixConnection.class, UnixConnection::dispose)
            .subscribe();
    Long left =
        Flux.range(0, 2_000)
            .flatMap(i -> client().connect().flatMap(each -> each.close().thenReturn(i)), 32)
            .count()
            .block(Duration.ofSeconds(30));

    assertThat(left).isEqualTo(2_000);
    Await.until("all are served", () -> served.get() == 2_000);
    UnixConnection still = Wait.value(client().connect());
    Wait.end(still.close());
    serving.dispose();
    Wait.end(listener.close());
  }

  @Test
  void peersThatSayNothing_holdOnlyTheirPlaces() {
    Disposable serving = server().serve(each -> each.output().write(each.receive()), 3).subscribe();
    UnixConnection silent = Wait.value(connected());
    UnixConnection silentToo = Wait.value(connected());

    assertThat(ask(Wait.value(connected()), "third").block(Duration.ofSeconds(20)))
        .isEqualTo("third");
    Wait.end(silent.close());
    Wait.end(silentToo.close());
    serving.dispose();
    Await.until("the file is removed", () -> !path().toFile().exists());
  }

  @Test
  void aHandlerThatFails_costsItsConnectionOnly() {
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    AtomicInteger number = new AtomicInteger();
    Disposable serving =
        server()
            .observer(
                new UnixServerObserver() {
                  @Override
                  public void onHandlerFailed(UnixConnection connection, Throwable error) {
                    failures.add(error);
                  }
                })
            .serve(
                each ->
                    switch (number.getAndIncrement()) {
                      case 0 -> Mono.error(new IllegalStateException("handler failed"));
                      case 1 -> throw new IllegalStateException("handler threw");
                      default -> each.output().write(each.receive());
                    },
                4)
            .subscribe();
    for (int i = 0; i < 2; i++) {
      UnixConnection dropped = Wait.value(connected());
      ByteProbe probe = ByteProbe.unbounded();
      dropped.receive().subscribe(probe);
      probe.awaitComplete();
      Wait.end(dropped.close());
    }

    assertThat(ask(Wait.value(connected()), "third").block(Duration.ofSeconds(20)))
        .isEqualTo("third");
    assertThat(failures).hasSize(2);
    serving.dispose();
    Await.until("the file is removed", () -> !path().toFile().exists());
  }

  @Test
  void seqpacketConnections_areServedToo() {
    UnixServer server = server().type(SocketType.SEQPACKET);
    UnixListener listener = Wait.value(server.bind());
    Disposable serving =
        listener
            .connections()
            .flatMap(each -> each.output().write(each.receive()).then(each.close()))
            .subscribe();
    UnixConnection client = Wait.value(client().type(SocketType.SEQPACKET).connect());
    ByteProbe probe = ByteProbe.unbounded();
    client.receive().subscribe(probe);
    Wait.end(client.output().write("one"));
    Wait.end(client.output().write("two"));
    probe.awaitChunks(2);

    assertThat(Wait.error(client().connect()))
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.is(Errno.EPROTOTYPE)).isTrue());
    Wait.end(client.shutdownOutput());
    probe.awaitComplete();
    Wait.end(client.close());
    serving.dispose();
    Wait.end(listener.close());
  }

  @Test
  void anAbstractName_isServedWhereItIsAskedFor() {
    UnixAddress name = UnixAddress.abstractName("reactor-proc-test-" + Proc.self());
    UnixListener listener = Wait.value(UnixServer.at(name).bind());
    UnixConnection client = Wait.value(UnixClient.to(name).connect());

    assertThat(Wait.error(UnixServer.at(name).bind()))
        .isInstanceOfSatisfying(
            UnixBindException.class,
            e -> assertThat(e.reason()).isEqualTo(UnixBindException.Reason.IN_USE));
    Wait.end(client.close());
    Wait.end(listener.close());
  }

  @Test
  void closing_completesTheStreamAndRefusesASecondSubscriber() {
    UnixListener listener = Wait.value(server().bind());
    StepVerifier.create(listener.connections())
        .then(
            () ->
                StepVerifier.create(listener.connections())
                    .verifyError(IllegalStateException.class))
        .then(() -> Wait.end(listener.close()))
        .verifyComplete();
    assertThat(listener.isDisposed()).isTrue();
    Wait.end(listener.close());
  }

  @Test
  void aListenerThatNobodySubscribesTo_closesAndSaysSo() {
    UnixListener listener = Wait.value(server().bind());
    Wait.end(listener.close());

    StepVerifier.create(listener.connections()).verifyComplete();
  }

  @Test
  void cancelWhileBindingOrConnecting_leavesNothing() {
    for (int i = 0; i < 100; i++) {
      Disposable binding = server().bind().subscribeWith(new Disposer<>());
      for (int spins = 0; spins < i * 300; spins++) {
        Thread.onSpinWait();
      }
      binding.dispose();
    }
    UnixListener listener = Wait.value(connectedListener());
    for (int i = 0; i < 100; i++) {
      Disposable connecting = client().connect().subscribeWith(new Disposer<>());
      for (int spins = 0; spins < i * 300; spins++) {
        Thread.onSpinWait();
      }
      connecting.dispose();
    }
    Wait.end(listener.close());
  }

  /** Disposes of what it gets, also of what was on its way at its cancel. */
  private static final class Disposer<T extends Disposable> extends BaseSubscriber<T> {
    @Override
    protected void hookOnNext(T made) {
      made.dispose();
    }

    @Override
    protected void hookOnError(Throwable error) {}
  }

  /** One of the cancelled starts may still be about to remove its file. */
  private Mono<UnixListener> connectedListener() {
    return server()
        .bind()
        .retryWhen(
            Retry.fixedDelay(2_000, Duration.ofMillis(2))
                .filter(UnixBindException.class::isInstance));
  }

  @Test
  void nobodyThere_isATypedErrorOfTheClient() {
    assertThat(Wait.error(client().connect()))
        .isInstanceOfSatisfying(
            SystemCallException.class,
            e -> {
              assertThat(e.is(Errno.ENOENT)).isTrue();
              assertThat(e).hasMessageContaining("server.sock");
            });
  }

  @Test
  void settingsThatCannotBe_areRefusedAtOnce() {
    assertThatIllegalArgumentException().isThrownBy(() -> server().backlog(0));
    assertThatIllegalArgumentException().isThrownBy(() -> server().type(SocketType.DATAGRAM));
    assertThatIllegalArgumentException().isThrownBy(() -> server().permissions("everybody"));
    assertThatIllegalArgumentException().isThrownBy(() -> server().mostMessage(0));
    assertThatIllegalArgumentException().isThrownBy(() -> client().mostMessage(0));
  }

  @Test
  void aLoopThatIsShutDown_endsTheServer() {
    UnixListener listener = Wait.value(server().bind());
    Accepted accepted = new Accepted();
    listener.connections().subscribe(accepted);
    loop.settle();
    loop.shutDown();

    Await.until("the listener is closed", listener::isDisposed);
  }
}
