/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.testkit.PublisherRules;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.TestEnvironment;

/** The same rules for the bytes of a child. */
public class BytesTckTest extends PublisherRules<ByteBuf> {
  /** For the TCK to make. */
  public BytesTckTest() {
    super(new TestEnvironment(5000, 200));
  }

  @Override
  public Publisher<ByteBuf> createPublisher(long elements) {
    return cancelledAfterwards(Command.of("yes").bytes().doOnNext(ByteBuf::release).take(elements));
  }

  @Override
  public Publisher<ByteBuf> createFailedPublisher() {
    return Command.of("/nonexistent/program").bytes();
  }

  @Override
  public long maxElementsFromPublisher() {
    return 100_000;
  }
}
