/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ReferenceCountUtil;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A subscriber must not throw. One that does loses its child, and nobody else anything. */
class ThrowingSubscriberTest {

  static Stream<Publisher<?>> streams() {
    Command endless = Command.of("yes");
    return Stream.of(
        endless.bytes(),
        endless.lines(),
        endless.events(),
        endless.lineEvents(),
        Flux.usingWhen(
            endless.start(), RunningProcess::stdout, child -> Mono.fromRunnable(child::dispose)));
  }

  @ParameterizedTest
  @MethodSource("streams")
  void throwingSubscriber_losesItsChildOnly(Publisher<?> stream) throws InterruptedException {
    Thrower thrower = new Thrower();
    stream.subscribe(thrower);

    assertThat(thrower.thrown.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();

    Await.until("the child is reaped", () -> Proc.children().isEmpty());
    assertThat(Command.of("echo", "on").text().block(SOON)).isEqualTo("on\n");
  }

  @Test
  void neverRequesting_leavesTheChildWaitingUntilTheCancel() {
    Flux<String> lines = Command.of("yes").lines();
    Subscription[] subscription = new Subscription[1];
    lines.subscribe(
        new Subscriber<>() {
          @Override
          public void onSubscribe(Subscription given) {
            subscription[0] = given;
          }

          @Override
          public void onNext(String line) {
            throw new AssertionError("nothing was requested");
          }

          @Override
          public void onError(Throwable error) {
            throw new AssertionError("nothing failed", error);
          }

          @Override
          public void onComplete() {
            throw new AssertionError("yes does not end");
          }
        });
    Await.until("the child waits", () -> Proc.children().containsValue("S yes"));

    subscription[0].cancel();

    Await.until("the child is reaped", () -> Proc.children().isEmpty());
  }

  /** Throws what it gets at its feet. */
  private static final class Thrower implements Subscriber<Object> {
    final CountDownLatch thrown = new CountDownLatch(1);

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Object element) {
      if (!(element instanceof ProcessEvent.Started)) {
        ReferenceCountUtil.release(element);
        thrown.countDown();
        throw new IllegalStateException("thrown by a subscriber on purpose");
      }
    }

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onComplete() {}
  }
}
