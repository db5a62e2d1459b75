/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.unix.UnixClient;
import io.reactorproc.ipc.unix.UnixConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** This library. */
final class ReactorProcSockets implements SocketPeer {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static <T> T await(Mono<T> mono) {
    return Objects.requireNonNull(mono.block(LIMIT));
  }

  private static UnixConnection connect(Path partner, char role, long bytes) {
    UnixConnection connection = await(UnixClient.to(partner).connect());
    await(connection.output().write(header(role, bytes)));
    return connection;
  }

  private static byte[] header(char role, long bytes) {
    return SocketPeer.header(role, bytes);
  }

  @Override
  public long receive(Path partner, long bytes) {
    UnixConnection connection = connect(partner, 'S', bytes);
    long[] count = {0};
    connection
        .receive()
        .doOnNext(
            chunk -> {
              count[0] += chunk.readableBytes();
              chunk.release();
            })
        .then(connection.close())
        .block(LIMIT);
    return count[0];
  }

  @Override
  public void send(Path partner, long bytes) {
    UnixConnection connection = connect(partner, 'K', bytes);
    ByteBuf chunk = Unpooled.directBuffer(CHUNK).writeZero(CHUNK);
    Flux<ByteBuf> chunks = Flux.range(0, (int) (bytes / CHUNK)).map(i -> chunk.retainedDuplicate());
    await(connection.output().write(chunks));
    connection.receive().next().doOnNext(ByteBuf::release).then(connection.close()).block(LIMIT);
    chunk.release();
  }

  @Override
  public long[] roundTrips(Path partner, int count) {
    UnixConnection connection = connect(partner, 'E', 0);
    Trips trips = new Trips(connection, count);
    connection
        .receive()
        .doOnSubscribe(subscription -> trips.send())
        .doOnNext(trips::take)
        .then(connection.close())
        .block(LIMIT);
    return trips.nanos;
  }

  /** The next trip begins where the last one ended, on the connection's loop. */
  private static final class Trips {
    final long[] nanos;
    private final UnixConnection connection;
    private final ByteBuf content = Unpooled.directBuffer(TRIP).writeZero(TRIP);
    private int trip;
    private int got;
    private long start;

    Trips(UnixConnection connection, int count) {
      this.connection = connection;
      nanos = new long[count];
    }

    void send() {
      start = System.nanoTime();
      connection.output().write(Mono.just(content.retainedDuplicate())).subscribe();
    }

    void take(ByteBuf chunk) {
      got += chunk.readableBytes();
      chunk.release();
      if (got < TRIP) {
        return;
      }
      got = 0;
      nanos[trip] = System.nanoTime() - start;
      if (++trip < nanos.length) {
        send();
      } else {
        content.release();
        connection.shutdownOutput().subscribe();
      }
    }
  }
}
