/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * One publisher being written, from its first element to the moment the kernel has taken the last.
 *
 * <p>Prefetch is bounded in bytes: what waits for the reader and what is requested, each element
 * taken to be as large as the largest seen, is at most {@link #MOST_PENDING}, or one element. The
 * source may signal on any thread; elements from other threads come through a mailbox, in order.
 */
final class WriteJob implements CoreSubscriber<ByteBuf>, Runnable {
  private static final int MOST_PENDING = 128 * 1024;
  private static final int MOST_ELEMENTS = 32;

  private final WriteQueue owner;
  private final @Nullable Publisher<? extends ByteBuf> source;
  private final MonoSink<WriteOutcome> result;

  /** From the source's thread to the loop; not there while the source has been on the loop only. */
  private volatile @Nullable Queue<ByteBuf> mailbox;

  /** More than 0 while a run on the loop is due. */
  private final AtomicInteger due = new AtomicInteger();

  private @Nullable Subscription upstream;
  private volatile boolean sourceDone;
  private volatile @Nullable Throwable sourceError;
  private long outstanding;
  private long accepted;
  private long largest = MOST_PENDING;
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

  /** Whether this job has its outcome, or nobody waits for it any more. On the loop. */
  boolean isOver() {
    return over;
  }

  /** Buffers that the source's operators drop, such as at a cancel, are released, too. */
  @Override
  public Context currentContext() {
    return Operators.enableOnDiscard(
        Context.of(result.contextView()), ReferenceCountUtil::safeRelease);
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    owner.onLoop(() -> subscribed(subscription));
  }

  private void subscribed(Subscription subscription) {
    if (over || upstream != null) {
      subscription.cancel();
      return;
    }
    upstream = subscription;
    requestMore();
  }

  @Override
  public void onNext(ByteBuf element) {
    if (owner.loop().inEventLoop() && isMailboxEmpty()) {
      accept(element);
    } else {
      mailbox().add(element);
      schedule();
    }
  }

  /** All that a source has which needs no subscription: one buffer or none. On the loop. */
  void onOnly(@Nullable ByteBuf element) {
    sourceDone = true;
    if (element != null) {
      accept(element);
    }
    finishIfWritten();
  }

  /** Only the source adds, one signal at a time, and so only one thread makes it. */
  private Queue<ByteBuf> mailbox() {
    Queue<ByteBuf> box = mailbox;
    if (box == null) {
      box = Queues.<ByteBuf>unbounded(MOST_ELEMENTS).get();
      mailbox = box;
    }
    return box;
  }

  private boolean isMailboxEmpty() {
    Queue<ByteBuf> box = mailbox;
    return box == null || box.isEmpty();
  }

  private @Nullable ByteBuf pollMailbox() {
    Queue<ByteBuf> box = mailbox;
    return box == null ? null : box.poll();
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
    for (ByteBuf element = pollMailbox(); element != null; element = pollMailbox()) {
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
    int size = element.readableBytes();
    largest = accepted == 0 ? size : Math.max(largest, size);
    accepted += size;
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
    long room = MOST_PENDING - owner.channel().pending();
    if (from == null || over || sourceDone || room <= 0) {
      return;
    }
    long window = Math.max(1, Math.min(MOST_ELEMENTS, room / Math.max(1, largest)));
    if (outstanding <= window / 2) {
      long more = window - outstanding;
      outstanding = window;
      from.request(more);
    }
  }

  private void finishIfWritten() {
    if (over || !isMailboxEmpty()) {
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
    // What was lost came last, but may begin in a cancelled job before this one.
    long lost = Math.min(accepted, owner.channel().lost());
    result.success(new WriteOutcome(accepted - lost, readerGone));
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
    for (ByteBuf left = pollMailbox(); left != null; left = pollMailbox()) {
      left.release();
    }
  }
}
