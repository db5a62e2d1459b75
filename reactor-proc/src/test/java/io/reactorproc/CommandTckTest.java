/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.testkit.PublisherRules;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.TestEnvironment;

/** The rules of Reactive Streams, held against the lines of a real child. */
public class CommandTckTest extends PublisherRules<String> {
  /** For the TCK to make. */
  public CommandTckTest() {
    super(new TestEnvironment(5000, 200));
  }

  @Override
  public Publisher<String> createPublisher(long elements) {
    return cancelledAfterwards(Command.of("seq", "1", Long.toString(elements)).lines());
  }

  @Override
  public Publisher<String> createFailedPublisher() {
    return Command.of("/nonexistent/program").lines();
  }

  @Override
  public long maxElementsFromPublisher() {
    return 100_000;
  }
}
