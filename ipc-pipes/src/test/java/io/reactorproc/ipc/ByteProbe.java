/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.reactorproc.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** A subscriber that asks for what a test says, keeps the bytes and releases the buffers. */
public final class ByteProbe implements CoreSubscriber<ByteBuf> {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Consumer<ByteProbe> onSubscribed;
  private final Consumer<ByteProbe> onChunk;
  private volatile @Nullable Subscription subscription;
  private volatile @Nullable Throwable error;
  private final AtomicInteger chunks = new AtomicInteger();
  private final AtomicInteger terminals = new AtomicInteger();

  /** A probe that asks for nothing by itself. */
  public ByteProbe() {
    this(probe -> {}, probe -> {});
  }

  public ByteProbe(Consumer<ByteProbe> onSubscribed, Consumer<ByteProbe> onChunk) {
    this.onSubscribed = onSubscribed;
    this.onChunk = onChunk;
  }

  /** A probe that asks for all. */
  public static ByteProbe unbounded() {
    return new ByteProbe(probe -> probe.request(Long.MAX_VALUE), probe -> {});
  }

  public void request(long n) {
    Objects.requireNonNull(subscription).request(n);
  }

  public void cancel() {
    Objects.requireNonNull(subscription).cancel();
  }

  public int chunks() {
    return chunks.get();
  }

  public boolean isOver() {
    return terminals.get() > 0;
  }

  public int terminals() {
    return terminals.get();
  }

  public @Nullable Throwable error() {
    return error;
  }

  public byte[] bytes() {
    synchronized (bytes) {
      return bytes.toByteArray();
    }
  }

  public String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  public ByteProbe awaitChunks(int count) {
    Await.until(count + " chunks", () -> chunks.get() >= count);
    return this;
  }

  public ByteProbe awaitSize(int count) {
    Await.until(count + " bytes", () -> bytes().length >= count);
    return this;
  }

  /** Waits for the terminal signal and fails where that is an error. */
  public ByteProbe awaitComplete() {
    Throwable failed = awaitTerminal();
    if (failed != null) {
      throw new AssertionError(failed);
    }
    return this;
  }

  public Throwable awaitError() {
    Throwable failed = awaitTerminal();
    if (failed == null) {
      throw new AssertionError("completed, an error was expected");
    }
    return failed;
  }

  private @Nullable Throwable awaitTerminal() {
    Await.until("the end of the stream", this::isOver);
    return error;
  }

  @Override
  public void onSubscribe(Subscription given) {
    subscription = given;
    onSubscribed.accept(this);
  }

  @Override
  public void onNext(ByteBuf chunk) {
    synchronized (bytes) {
      bytes.writeBytes(ByteBufUtil.getBytes(chunk));
    }
    chunk.release();
    chunks.incrementAndGet();
    onChunk.accept(this);
  }

  @Override
  public void onError(Throwable thrown) {
    error = thrown;
    terminals.incrementAndGet();
  }

  @Override
  public void onComplete() {
    terminals.incrementAndGet();
  }
}
