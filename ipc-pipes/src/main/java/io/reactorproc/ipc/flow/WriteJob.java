/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.MonoSink;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * One publisher being written, from its first element to the moment the kernel has taken the last.
 *
 * <p>Prefetch is bounded in bytes, not in elements: as long as {@link #MOST_PENDING} bytes wait for
 * the reader nothing more is requested, and how many elements are requested at a time follows from
 * the average size of those seen. Elements from other threads come through a mailbox, in order.
 */
final class WriteJob implements CoreSubscriber<ByteBuf>, Runnable {
  private static final int MOST_PENDING = 128 * 1024;
  private static final int MOST_ELEMENTS = 32;

  private final WriteQueue owner;
  private final @Nullable Publisher<? extends ByteBuf> source;
  private final MonoSink<WriteOutcome> result;

  /** From the source's thread to the loop; holds nothing while the source is on the loop. */
  private final Queue<ByteBuf> mailbox = Queues.<ByteBuf>unbounded(MOST_ELEMENTS).get();

  /** More than 0 while a run on the loop is due. */
  private final AtomicInteger due = new AtomicInteger();

  private @Nullable Subscription upstream;
  private volatile boolean sourceDone;
  private volatile @Nullable Throwable sourceError;
  private long outstanding;
  private long accepted;
  private long elements;
  private boolean over;

  /** A job; without a source it closes the channel when its turn comes. */
  WriteJob(
      WriteQueue owner,
      @Nullable Publisher<? extends ByteBuf> source,
      MonoSink<WriteOutcome> result) {
    this.owner = owner;
    this.source = source;
    this.result = result;
  }

  @Nullable Publisher<? extends ByteBuf> source() {
    return source;
  }

  @Override
  public Context currentContext() {
    return Context.of(result.contextView());
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    if (over) {
      subscription.cancel();
      return;
    }
    upstream = subscription;
    requestMore();
  }

  @Override
  public void onNext(ByteBuf element) {
    if (owner.loop().inEventLoop() && mailbox.isEmpty()) {
      accept(element);
    } else {
      mailbox.add(element);
      schedule();
    }
  }

  @Override
  public void onError(Throwable error) {
    sourceError = error;
    onComplete();
  }

  @Override
  public void onComplete() {
    sourceDone = true;
    if (owner.loop().inEventLoop()) {
      run();
    } else {
      schedule();
    }
  }

  private void schedule() {
    if (due.getAndIncrement() == 0) {
      owner.loop().execute(this);
    }
  }

  @Override
  public void run() {
    due.set(0);
    boolean noMore = sourceDone;
    for (ByteBuf element = mailbox.poll(); element != null; element = mailbox.poll()) {
      accept(element);
    }
    if (noMore) {
      finishIfWritten();
    }
  }

  private void accept(ByteBuf element) {
    outstanding--;
    if (over) {
      element.release();
      return;
    }
    elements++;
    accepted += element.readableBytes();
    owner.channel().write(element);
    requestMore();
  }

  /** Called also when the kernel has taken something. On the loop. */
  void onProgress() {
    if (sourceDone) {
      finishIfWritten();
    } else {
      requestMore();
    }
  }

  private void requestMore() {
    Subscription from = upstream;
    if (from == null || over || sourceDone || owner.channel().pending() >= MOST_PENDING) {
      return;
    }
    long average = elements == 0 ? MOST_PENDING : Math.max(1, accepted / elements);
    long window = Math.max(1, Math.min(MOST_ELEMENTS, MOST_PENDING / average));
    if (outstanding <= window / 2) {
      long more = window - outstanding;
      outstanding = window;
      from.request(more);
    }
  }

  private void finishIfWritten() {
    if (over || !mailbox.isEmpty()) {
      return;
    }
    Throwable error = sourceError;
    if (error != null) {
      over = true;
      result.error(error);
      owner.next();
    } else if (owner.channel().pending() == 0) {
      succeed(false);
      owner.next();
    }
  }

  /** The channel has ended under the job. On the loop. */
  void channelEnded(WriteEnd how, @Nullable Throwable error) {
    if (over) {
      return;
    }
    cancelSource();
    if (error != null) {
      over = true;
      result.error(error);
    } else {
      succeed(how != WriteEnd.COMPLETED);
    }
  }

  private void succeed(boolean readerGone) {
    over = true;
    result.success(new WriteOutcome(accepted - owner.channel().lost(), readerGone));
  }

  /** The one who waited for the outcome does not any more. On the loop. */
  void abandon() {
    if (!over) {
      over = true;
      cancelSource();
      owner.remove(this);
    }
  }

  private void cancelSource() {
    Subscription from = upstream;
    if (from != null) {
      from.cancel();
    }
    for (ByteBuf left = mailbox.poll(); left != null; left = mailbox.poll()) {
      left.release();
    }
  }
}
