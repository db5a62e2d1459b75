/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.StreamEnd;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command to its end without a subscriber for its bytes: {@code output} and {@code exit}.
 */
final class CollectRun extends Run {
  private final ExitPolicy policy;
  private final Consumer<ProcessResult> onSuccess;
  private final Consumer<Throwable> onError;
  private final Map<Integer, ByteArray> captured = new HashMap<>(4);

  CollectRun(
      Command command,
      Wiring.Mode mode,
      Map<Integer, LentDescriptor> lent,
      ExitPolicy policy,
      Consumer<ProcessResult> onSuccess,
      Consumer<Throwable> onError) {
    super(command, mode, lent);
    this.policy = policy;
    this.onSuccess = onSuccess;
    this.onError = onError;
  }

  @Override
  ByteReceiver receiver(Child owner, OutputPort output) {
    output.control().request(Long.MAX_VALUE);
    if (output.pipe.use() == Wiring.Use.CAPTURE) {
      ByteArray bytes = new ByteArray(settings().captureLimit);
      captured.put(output.descriptor, bytes);
      return new Capture(bytes);
    }
    if (output.pipe.use() == Wiring.Use.EXCERPT) {
      keepExcerpt(output);
    }
    return new Drain();
  }

  @Override
  void failedToStart(Throwable error) {
    onError.accept(error);
  }

  @Override
  void started(Child running) {}

  @Override
  void finished() {
    if (isCancelled()) {
      return;
    }
    Map<Integer, byte[]> bytes = new HashMap<>(captured.size() * 2);
    captured.forEach((descriptor, array) -> bytes.put(descriptor, array.toArray()));
    ProcessResult result = new ProcessResult(child().pid(), status(), bytes, summaries());
    Throwable error = verdict(policy, captured.isEmpty() ? null : result);
    if (error == null) {
      onSuccess.accept(result);
    } else {
      onError.accept(error);
    }
  }

  /** Keeps up to the limit; more than that ends the child, and the rest is dropped. */
  private final class Capture implements ByteReceiver {
    private final ByteArray bytes;

    Capture(ByteArray bytes) {
      this.bytes = bytes;
    }

    @Override
    public void onBytes(ByteBuf chunk) {
      int size = chunk.readableBytes();
      int kept = bytes.add(chunk, chunk.readerIndex(), size);
      chunk.release();
      if (kept < size) {
        fail(Reason.CAPTURE_LIMIT, null);
      }
    }

    @Override
    public void onEnd(StreamEnd how, @Nullable Throwable error) {}
  }
}
