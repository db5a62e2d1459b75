/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.flow.TapPipe;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** A tap from its subscription to its first byte, and the two descriptors until then. */
final class OpeningTap {
  private final Kernel kernel;
  private final IoEventLoop loop;
  private final Descriptor from;
  private final Descriptor to;
  private final Tap tap;
  private final AtomicBoolean taken = new AtomicBoolean();

  OpeningTap(Kernel kernel, IoEventLoop loop, Descriptor from, Descriptor to, Tap tap) {
    this.kernel = kernel;
    this.loop = loop;
    this.from = from;
    this.to = to;
    this.tap = tap;
  }

  Mono<RunningTap> mono() {
    return Mono.create(
        sink -> {
          if (!taken.compareAndSet(false, true)) {
            sink.error(new IllegalStateException("a tap is put between two pipes once only"));
            return;
          }
          try {
            loop.execute(() -> open(sink));
          } catch (RejectedExecutionException shutDown) {
            close();
            throw shutDown;
          }
        });
  }

  private void close() {
    from.close();
    to.close();
  }

  private void open(MonoSink<RunningTap> sink) {
    try {
      TapPipe pipe = TapPipe.make(kernel, loop, tap.mode(), tap.capacity());
      RunningTap running = RunningTap.start(kernel, loop, from, to, pipe, true);
      sink.onCancel(running);
      sink.success(running);
    } catch (SystemCallException | RuntimeException e) {
      close();
      sink.error(e);
    }
  }
}
