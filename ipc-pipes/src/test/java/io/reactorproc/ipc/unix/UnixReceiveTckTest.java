/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.Ends;
import io.reactorproc.ipc.RawEnd;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.PublisherRules;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterMethod;

/** The rules of Reactive Streams on what a connection receives: a message for each element. */
public final class UnixReceiveTckTest extends PublisherRules<ByteBuf> {
  private static final long TIMEOUT_MILLIS = 1_000;
  private static final long NO_SIGNAL_MILLIS = 50;

  private final List<UnixConnection> open = new ArrayList<>();

  public UnixReceiveTckTest() {
    super(new TestEnvironment(TIMEOUT_MILLIS, NO_SIGNAL_MILLIS));
  }

  /** As many messages as the queue of a socket holds: the verification may ask for more. */
  @Override
  public long maxElementsFromPublisher() {
    return 100;
  }

  @Override
  public Publisher<ByteBuf> createPublisher(long elements) {
    try {
      SocketPair pair = SocketPair.open(SocketType.SEQPACKET);
      UnixConnection connection = UnixConnection.of(pair.one());
      open.add(connection);
      RawEnd writer = Ends.raw(pair.other());
      for (long i = 0; i < elements; i++) {
        writer.say("message");
      }
      writer.close();
      // The verification does not release what it gets.
      return connection.receive().map(UnixReceiveTckTest::unpooled);
    } catch (SystemCallException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Publisher<ByteBuf> createFailedPublisher() {
    try {
      UnixConnection closed = UnixConnection.of(closedByPeer());
      closed.dispose();
      Await.until("it is closed", closed::isDisposed);
      return closed.receive();
    } catch (SystemCallException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Descriptor closedByPeer() throws SystemCallException {
    SocketPair pair = SocketPair.open(SocketType.STREAM);
    pair.other().close();
    return pair.one();
  }

  private static ByteBuf unpooled(ByteBuf chunk) {
    try {
      return Unpooled.copiedBuffer(chunk);
    } finally {
      chunk.release();
    }
  }

  /** Some rules end with a stream half read, and some never subscribe. */
  @AfterMethod
  public void everyDescriptorIsClosed() {
    for (UnixConnection connection : open) {
      connection.dispose();
      Await.until("the connection is closed", connection::isDisposed);
    }
    open.clear();
  }
}
