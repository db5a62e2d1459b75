/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.testkit.PublisherRules;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.TestEnvironment;

/** The same rules for the events of a child: start, lines, the ends of outputs, exit. */
public class EventsTckTest extends PublisherRules<ProcessEvent> {
  /** For the TCK to make. */
  public EventsTckTest() {
    super(new TestEnvironment(5000, 200));
  }

  @Override
  public Publisher<ProcessEvent> createPublisher(long elements) {
    return cancelledAfterwards(
        Command.of("seq", "1", Long.toString(Math.max(0, elements - 4)))
            .lineEvents()
            .take(elements));
  }

  @Override
  public Publisher<ProcessEvent> createFailedPublisher() {
    return Command.of("/nonexistent/program").events();
  }

  @Override
  public long maxElementsFromPublisher() {
    return 100_000;
  }
}
