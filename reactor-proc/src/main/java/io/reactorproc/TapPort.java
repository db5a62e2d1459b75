/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.RunningTap;
import io.reactorproc.ipc.Tap;
import io.reactorproc.ipc.flow.TapPipe;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;

/** Our two ends between two children that a tap looks at, and the observer. On the loop. */
final class TapPort {
  private final Part part;
  private final TapStage stage;
  private final Descriptor from;
  private final Descriptor to;
  private final Observing observing = new Observing();
  private @Nullable RunningTap running;

  /**
   * A tap before it is opened; the descriptors are owned here from now on.
   *
   * @param part the child that reads
   */
  TapPort(Part part, TapStage stage, Descriptor from, Descriptor to) {
    this.part = part;
    this.stage = stage;
    this.from = from;
    this.to = to;
  }

  /** Lets it flow. {@link #close()} follows a failure, as it does everything else. */
  void open() throws SystemCallException {
    Run run = part.run();
    Kernel kernel = run.runtime().kernel();
    Tap tap = stage.tap();
    TapPipe pipe = TapPipe.make(kernel, run.loop(), tap.mode(), tap.capacity());
    boolean mayGrow = part.settings().pipeCapacity == 0;
    running = RunningTap.start(kernel, run.loop(), from, to, pipe, mayGrow);
  }

  /** Subscribes the observer, and whoever learns that the flow itself has failed. */
  void observe() {
    RunningTap tap = Objects.requireNonNull(running);
    tap.end().onErrorComplete(CancellationException.class).subscribe(end -> {}, this::failed);
    try {
      stage.observer().apply(tap).subscribe(observing);
    } catch (RuntimeException | Error thrown) {
      observing.hookOnError(thrown);
    }
  }

  /** It is the output of the child before that fails to come through. Any thread. */
  private void failed(Throwable error) {
    part.run().loop().execute(() -> part.before().member().outputTargetFailed(error));
  }

  /** Closes both ends and cancels the observer; repeating does nothing. */
  void close() {
    observing.dispose();
    RunningTap tap = running;
    if (tap != null) {
      tap.dispose();
    } else {
      from.close();
      to.close();
    }
  }

  /** What the user's function made of the tap: of interest is only how it ends. */
  private final class Observing extends BaseSubscriber<Void> {
    @Override
    protected void hookOnComplete() {
      RunningTap tap = running;
      if (tap != null) {
        tap.ignore(); // an observer that is done and has never looked must not hold the flow
      }
    }

    @Override
    protected void hookOnError(Throwable thrown) {
      hookOnComplete();
      failed(thrown);
    }
  }
}
