/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.BeforeClass;

/**
 * The verification of Reactive Streams for a publisher of ours. It runs on TestNG, which knows
 * nothing of the leak extension, and may be the first in its JVM.
 */
public abstract class PublisherRules<T> extends PublisherVerification<T> {
  protected PublisherRules(TestEnvironment environment) {
    super(environment);
  }

  /**
   * Before the first use of Netty, and not when the class is found, which Maven's JVM does, too.
   */
  @BeforeClass
  public void warmUp() {
    WarmUp.once();
  }
}
