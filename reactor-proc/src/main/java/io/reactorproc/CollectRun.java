/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.StreamEnd;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs a job to its end without a subscriber for its bytes: {@code output} and {@code exit}. */
final class CollectRun extends Run {
  private final Consumer<List<Part>> onSuccess;
  private final Consumer<Throwable> onError;

  CollectRun(
      Plan plan,
      Map<Integer, LentDescriptor> lent,
      Consumer<List<Part>> onSuccess,
      Consumer<Throwable> onError) {
    super(plan, lent);
    this.onSuccess = onSuccess;
    this.onError = onError;
  }

  @Override
  ByteReceiver receiver(Part part, OutputPort output) {
    output.control().request(Long.MAX_VALUE);
    if (output.pipe.use() == Wiring.Use.CAPTURE) {
      return new Capture(part, part.capture(output));
    }
    if (output.pipe.use() == Wiring.Use.EXCERPT) {
      part.keepExcerpt(output);
    }
    return new Drain();
  }

  @Override
  void failedToStart(Throwable error) {
    onError.accept(error);
  }

  @Override
  void started() {}

  @Override
  void finished() {
    if (isCancelled()) {
      return;
    }
    Throwable error = verdict();
    if (error == null) {
      onSuccess.accept(parts());
    } else {
      onError.accept(error);
    }
  }

  /** Keeps up to the limit; more than that ends the child, and the rest is dropped. */
  private final class Capture implements ByteReceiver {
    private final Part part;
    private final ByteArray bytes;

    Capture(Part part, ByteArray bytes) {
      this.part = part;
      this.bytes = bytes;
    }

    @Override
    public void onBytes(ByteBuf chunk) {
      int size = chunk.readableBytes();
      int kept = bytes.add(chunk, chunk.readerIndex(), size);
      chunk.release();
      if (kept < size) {
        fail(Reason.CAPTURE_LIMIT, part, null);
      }
    }

    @Override
    public void onEnd(StreamEnd how, @Nullable Throwable error) {}
  }
}
