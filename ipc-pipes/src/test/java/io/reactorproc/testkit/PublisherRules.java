/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.reactivestreams.Subscription;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeClass;
import reactor.core.publisher.Flux;

/**
 * The verification of Reactive Streams for a publisher of ours. It runs on TestNG, which knows
 * nothing of the leak extension, and may be the first in its JVM.
 */
public abstract class PublisherRules<T> extends PublisherVerification<T> {
  private final Set<Subscription> open = ConcurrentHashMap.newKeySet();

  protected PublisherRules(TestEnvironment environment) {
    super(environment);
  }

  /**
   * The same publisher, whose subscriptions are cancelled after the test: the verification leaves
   * many of them where they are, with what they hold. A cancelled one is forgotten at once, as the
   * verification looks whether anybody still knows its subscriber.
   */
  protected final Flux<T> cancelledAfterwards(Flux<T> publisher) {
    return Flux.defer(
        () -> {
          AtomicReference<Subscription> subscription = new AtomicReference<>();
          return publisher
              .doOnSubscribe(
                  given -> {
                    subscription.set(given);
                    open.add(given);
                  })
              .doFinally(end -> open.remove(subscription.getAndSet(null)));
        });
  }

  /**
   * Before the first use of Netty, and not when the class is found, which Maven's JVM does, too.
   */
  @BeforeClass
  public void warmUp() {
    WarmUp.once();
  }

  /** Ends what the verification left. */
  @AfterMethod(alwaysRun = true)
  public void cancelWhatIsLeft() {
    open.forEach(Subscription::cancel);
    open.clear();
  }
}
