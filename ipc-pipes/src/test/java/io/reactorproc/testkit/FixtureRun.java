/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** Runs a class of tests inside of a test, under the same extensions but with less patience. */
final class FixtureRun {
  private final EngineExecutionResults results;

  private FixtureRun(EngineExecutionResults results) {
    this.results = results;
  }

  static FixtureRun of(Class<?> fixture) {
    return new FixtureRun(
        EngineTestKit.engine("junit-jupiter")
            .selectors(selectClass(fixture))
            .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
            .configurationParameter(LeakExtension.PATIENCE, "100")
            .execute());
  }

  /** The messages of the tests that failed. */
  List<String> failedTests() {
    return messages(results.testEvents());
  }

  /** The messages of the classes that failed as such. */
  List<String> failedClasses() {
    return messages(results.containerEvents());
  }

  /** The reasons of the tests and classes that were skipped. */
  List<String> skipped() {
    return results.allEvents().skipped().stream()
        .map(event -> event.getRequiredPayload(String.class))
        .toList();
  }

  long succeededTests() {
    return results.testEvents().succeeded().count();
  }

  private static List<String> messages(Events events) {
    return events.failed().stream().flatMap(FixtureRun::message).toList();
  }

  private static Stream<String> message(Event event) {
    Optional<Throwable> failure =
        event.getPayload(TestExecutionResult.class).flatMap(TestExecutionResult::getThrowable);
    return failure.map(Throwable::getMessage).stream();
  }
}
