/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.testkit.Await;
import java.time.Duration;
import java.util.Objects;

/** Two pipes and a tap between them, on a loop of its own; the test has the outer ends. */
final class TapFixture implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(20);

  final OneLoop loop = new OneLoop();
  final Pipe first = Ends.pipe();
  final Pipe second = Ends.pipe();
  final RawEnd writer = Ends.raw(first.writeEnd());
  final RawEnd reader = Ends.raw(second.readEnd());

  RunningTap open(Tap tap) {
    return open(tap, Kernel.system());
  }

  RunningTap open(Tap tap, Kernel kernel) {
    RunningTap running =
        DescriptorStreams.tap(kernel, first.readEnd(), second.writeEnd(), tap, loop.loop())
            .block(SOON);
    return Objects.requireNonNull(running);
  }

  static WriteOutcome end(RunningTap tap) {
    return Objects.requireNonNull(tap.end().block(SOON));
  }

  void awaitBothClosed() {
    Await.until(
        "the tap's ends are closed",
        () -> !first.readEnd().isOpen() && !second.writeEnd().isOpen());
  }

  @Override
  public void close() {
    first.writeEnd().close();
    second.readEnd().close();
    if (first.readEnd().isOpen() || second.writeEnd().isOpen()) {
      awaitBothClosed();
    }
    if (!loop.loop().isShuttingDown()) {
      loop.settle();
    }
    loop.close();
  }
}
