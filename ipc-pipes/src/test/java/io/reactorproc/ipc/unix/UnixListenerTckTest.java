/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.reactorproc.ipc.EventLoops;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import io.reactorproc.testkit.PublisherRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterMethod;
import reactor.core.publisher.Flux;

/** The rules of Reactive Streams on the connections of a listener. */
public final class UnixListenerTckTest extends PublisherRules<UnixConnection> {
  private static final long TIMEOUT_MILLIS = 1_000;
  private static final long NO_SIGNAL_MILLIS = 50;

  private final List<UnixListener> listeners = new ArrayList<>();
  private final Queue<UnixConnection> connections = new ConcurrentLinkedQueue<>();
  private int number;

  public UnixListenerTckTest() {
    super(new TestEnvironment(TIMEOUT_MILLIS, NO_SIGNAL_MILLIS));
  }

  @Override
  public long maxElementsFromPublisher() {
    return 100;
  }

  /** As many clients as elements, and then the listener is closed. */
  @Override
  public Publisher<UnixConnection> createPublisher(long elements) {
    UnixListener listener = bind(FaultySockets.none());
    for (long i = 0; i < elements; i++) {
      connections.add(Wait.value(UnixClient.to(listener.address()).connect()));
    }
    Flux<UnixConnection> accepted = listener.connections().doOnNext(connections::add);
    return accepted.take(elements);
  }

  /**
   * A connection that nobody asks for cannot fail to be accepted, so there is no such publisher.
   */
  @Override
  public @Nullable Publisher<UnixConnection> createFailedPublisher() {
    return null;
  }

  private UnixListener bind(FaultySockets calls) {
    String name = "reactor-proc-tck-" + Proc.self() + "-" + number++;
    UnixListener listener =
        Wait.value(
            UnixServer.at(UnixAddress.abstractName(name))
                .bind(calls.sockets(), EventLoops.shared()));
    listeners.add(listener);
    return listener;
  }

  @AfterMethod
  public void everyDescriptorIsClosed() {
    for (UnixListener listener : listeners) {
      Wait.end(listener.close());
    }
    for (UnixConnection connection : connections) {
      connection.dispose();
      Await.until("the connection is closed", connection::isDisposed);
    }
    listeners.clear();
    connections.clear();
  }
}
