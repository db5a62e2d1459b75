/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import io.reactorproc.ipc.sys.DescriptorTrace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Fails a test that leaves a descriptor, a child, a zombie, a thread or a pooled buffer behind or
 * that blocked an event loop, with the list of them and, where {@code -Dio.reactorproc.trace=true},
 * with the places that made the descriptors. It guards every Jupiter test of every module: JUnit
 * finds it as a service.
 *
 * <p>The check begins before the test's instance is constructed and ends after its last {@code
 * AfterEach}. A second one goes around the class, for what {@code BeforeAll} and static fields
 * hold. What a test began may be on its way out when the method returns, so equality is awaited, 5
 * seconds at most or the milliseconds of the configuration parameter {@value #PATIENCE}. {@link
 * Tolerates} makes an exception.
 */
public final class LeakExtension
    implements BeforeAllCallback,
        TestInstancePreConstructCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback {
  /** The configuration parameter of JUnit with the milliseconds that a test may take to clean. */
  static final String PATIENCE = "io.reactorproc.testkit.patience";

  private static final int DEFAULT_PATIENCE = 5_000;

  @Override
  public void beforeAll(ExtensionContext context) {
    WarmUp.once();
    Watch.begin(context);
  }

  @Override
  public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
    return ExtensionContextScope.TEST_METHOD;
  }

  @Override
  public void preConstructTestInstance(
      TestInstanceFactoryContext factoryContext, ExtensionContext context) {
    if (context.getTestMethod().isPresent()) {
      begin(context);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (Watch.of(context).isEmpty()) {
      begin(context);
    }
  }

  private static void begin(ExtensionContext context) {
    Watch.begin(context);
    BlockingCalls.tolerate(tolerated(context).contains(Fault.BLOCKING_CALL));
  }

  @Override
  public void afterEach(ExtensionContext context) {
    try {
      check(context);
    } finally {
      BlockingCalls.tolerate(false);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    NettyLeaks.collect();
    check(context);
  }

  private static void check(ExtensionContext context) {
    Optional<Watch> begun = Watch.of(context);
    if (begun.isEmpty()) {
      return; // the set-up failed before, which is reported already
    }
    Watch watch = begun.get();
    watch.settled().addAll(tolerated(context));
    List<Finding> found = findings(watch, patience(context));
    found.forEach(finding -> watch.settled().add(finding.fault()));
    Watch.around(context).ifPresent(outer -> outer.settled().addAll(watch.settled()));
    if (!found.isEmpty()) {
      throw failure(found);
    }
  }

  private static List<Finding> findings(Watch watch, Duration patience) {
    List<Finding> found = new ArrayList<>();
    Predicate<Finding> settled = finding -> watch.settled().contains(finding.fault());
    Await.within(
        patience,
        () -> {
          found.clear();
          found.addAll(watch.baseline().changesUntilNow());
          found.removeIf(settled);
          return found.isEmpty();
        });
    found.addAll(NettyLeaks.drain());
    found.addAll(BlockingCalls.drain());
    found.removeIf(settled);
    return found;
  }

  private static AssertionError failure(List<Finding> found) {
    AssertionError failure =
        new AssertionError(
            found.stream()
                .map(Finding::text)
                .collect(Collectors.joining("\n  ", "the test left behind:\n  ", "")));
    if (found.stream().anyMatch(finding -> finding.fault() == Fault.DESCRIPTOR)) {
      DescriptorTrace.origins().forEach(failure::addSuppressed);
    }
    return failure;
  }

  private static Set<Fault> tolerated(ExtensionContext context) {
    Set<Fault> faults = EnumSet.noneOf(Fault.class);
    for (ExtensionContext at = context; at != null; at = at.getParent().orElse(null)) {
      AnnotationSupport.findRepeatableAnnotations(at.getElement(), Tolerates.class)
          .forEach(annotation -> faults.add(annotation.value()));
    }
    return faults;
  }

  private static Duration patience(ExtensionContext context) {
    return Duration.ofMillis(
        context.getConfigurationParameter(PATIENCE, Integer::valueOf).orElse(DEFAULT_PATIENCE));
  }
}
