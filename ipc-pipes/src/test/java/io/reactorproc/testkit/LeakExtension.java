/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import io.reactorproc.ipc.sys.DescriptorTrace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails a test that leaves a descriptor, a child, a zombie, a thread or a pooled buffer behind,
 * with the list of them and, where {@code -Dio.reactorproc.trace=true}, with the places that made
 * the descriptors. It guards every test of every module: JUnit finds it as a service. What a test
 * began may be on its way out when the method returns, so equality is awaited for a bounded time.
 */
public final class LeakExtension implements BeforeEachCallback, AfterEachCallback {
  private static final Namespace NAMESPACE = Namespace.create(LeakExtension.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Override
  public void beforeEach(ExtensionContext context) {
    WarmUp.once();
    Leaks.forget();
    context.getStore(NAMESPACE).put(Baseline.class, Baseline.now());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Baseline before =
        Objects.requireNonNull(context.getStore(NAMESPACE).get(Baseline.class, Baseline.class));
    List<String> found = new ArrayList<>();
    boolean clean =
        Await.within(
            PATIENCE,
            () -> {
              found.clear();
              found.addAll(before.leaksUntilNow());
              return found.isEmpty();
            });
    found.addAll(Leaks.reported());
    if (!clean || !found.isEmpty()) {
      AssertionError failure =
          new AssertionError("the test left behind:\n  " + String.join("\n  ", found));
      DescriptorTrace.origins().forEach(failure::addSuppressed);
      throw failure;
    }
  }
}
