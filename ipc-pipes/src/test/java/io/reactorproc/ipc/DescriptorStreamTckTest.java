/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.PublisherRules;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterMethod;

/** The rules of Reactive Streams on the bytes of a descriptor: packets, one for each element. */
public final class DescriptorStreamTckTest extends PublisherRules<ByteBuf> {
  private static final long TIMEOUT_MILLIS = 1_000;
  private static final long NO_SIGNAL_MILLIS = 50;

  private final List<Pipe> open = new ArrayList<>();
  private final List<WeakReference<Subscription>> subscriptions = new ArrayList<>();

  public DescriptorStreamTckTest() {
    super(new TestEnvironment(TIMEOUT_MILLIS, NO_SIGNAL_MILLIS));
  }

  /** As many packets as the queue of a socket holds: the verification may ask for more. */
  @Override
  public long maxElementsFromPublisher() {
    return 100;
  }

  @Override
  public Publisher<ByteBuf> createPublisher(long elements) {
    Pipe sockets = Ends.socketPair(Ends.SOCK_SEQPACKET);
    open.add(sockets);
    RawEnd writer = Ends.raw(sockets.writeEnd());
    for (long i = 0; i < elements; i++) {
      writer.say("packet");
    }
    writer.close();
    // The verification does not release what it gets.
    return DescriptorStreams.read(sockets.readEnd())
        .doOnSubscribe(given -> subscriptions.add(new WeakReference<>(given)))
        .map(DescriptorStreamTckTest::unpooled);
  }

  @Override
  public Publisher<ByteBuf> createFailedPublisher() {
    Descriptor nullDevice = Ends.openToRead(Path.of("/dev/null"));
    return DescriptorStreams.read(nullDevice);
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
    if (subscriptions.isEmpty()) {
      open.forEach(Pipe::close);
    }
    // Weak, as one rule is that a cancelled subscriber can be collected; one that is not cancelled
    // is held by the event loop.
    for (WeakReference<Subscription> reference : subscriptions) {
      Subscription subscription = reference.get();
      if (subscription != null) {
        subscription.cancel();
      }
    }
    for (Pipe sockets : open) {
      Await.until("the descriptor is closed", () -> !sockets.readEnd().isOpen());
    }
    subscriptions.clear();
    open.clear();
  }
}
