/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One owner, one close: a second close could hit the number's next owner. */
@Timeout(60)
final class DescriptorTest {
  private final List<Integer> closed = new CopyOnWriteArrayList<>();
  private final Kernel kernel = kernelThatLogsCloses();

  private Kernel kernelThatLogsCloses() {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("close");
              closed.add((Integer) arguments[0]);
              return null;
            });
  }

  @RepeatedTest(200)
  void racingClosers_closeOnce() throws Exception {
    int closers = 4;
    Descriptor descriptor = Descriptor.own(kernel, 77);
    CyclicBarrier start = new CyclicBarrier(closers);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < closers; i++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  start.await();
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
                descriptor.close();
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(closed).containsExactly(77);
  }

  @Test
  void aCloseAfterTheNumberWasReused_leavesTheNewOwnerAlone() {
    Descriptor first = Descriptor.own(kernel, 77);
    first.close();
    Descriptor second = Descriptor.own(kernel, 77);
    first.close();

    assertThat(closed).containsExactly(77);
    assertThat(second.isOpen()).isTrue();
    second.close();
  }

  @Test
  void release_givesTheNumberAwayUnclosed() {
    Descriptor descriptor = Descriptor.own(kernel, 77);

    assertThat(descriptor.release()).isEqualTo(77);
    descriptor.close();

    assertThat(closed).isEmpty();
    assertThatThrownBy(descriptor::release).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void useAfterClose_isRefused() {
    Descriptor descriptor = Descriptor.own(kernel, 77);
    assertThat(descriptor.number()).isEqualTo(77);
    descriptor.close();

    assertThatThrownBy(descriptor::number).isInstanceOf(IllegalStateException.class);
    assertThat(descriptor.isOpen()).isFalse();
    assertThat(descriptor).hasToString("Descriptor[closed]");
  }

  @Test
  void aNegativeNumber_isNoDescriptor() {
    assertThatThrownBy(() -> Descriptor.own(kernel, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
