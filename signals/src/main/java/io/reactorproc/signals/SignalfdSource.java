/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.BlockedSignals;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;

/**
 * Signals through one signalfd of the JVM, read on an event loop, at each wake-up all that are
 * there. It is made with the first signal that is opened, and stays: what it accepts changes, and
 * is nothing while nobody listens. So no signal is read for a subscription that is on its way out,
 * and lost for the next.
 */
final class SignalfdSource implements SignalSource {
  private static final Logger LOG = LoggerFactory.getLogger(SignalfdSource.class);

  /** {@code sizeof(struct signalfd_siginfo)}, and where its fields are. */
  private static final int SIZE = 128;

  private static final int SIGNO = 0;
  private static final int CODE = 8;
  private static final int PID = 12;
  private static final int UID = 16;
  private static final int STATUS = 40;
  private static final int VALUE = 44;

  private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  /** By number. Set by those who open and dispose, read on the loop. */
  private final AtomicReferenceArray<@Nullable Receiver> receivers =
      new AtomicReferenceArray<>(Signal.LAST + 1);

  /** What the descriptor accepts. Guarded by this monitor, as the descriptor's making is. */
  private long mask;

  private @Nullable Descriptor descriptor;

  @Override
  public @Nullable String refusal(Signal signal) {
    return (BlockedSignals.inEveryThread() & bit(signal)) == 0
        ? "not every thread of this JVM blocks it"
        : null;
  }

  @Override
  public Disposable open(Signal signal, Receiver receiver) {
    receivers.set(signal.number(), receiver);
    try {
      accept(bit(signal), 0);
    } catch (SystemCallException e) {
      receivers.set(signal.number(), null);
      throw new UnsupportedSignalException(signal, "the kernel grants no signalfd", e);
    }
    return () -> close(signal);
  }

  private void close(Signal signal) {
    try {
      accept(0, bit(signal));
    } catch (SystemCallException e) {
      throw new IllegalStateException("a signalfd that is there can be changed", e);
    }
    receivers.set(signal.number(), null);
  }

  private synchronized void accept(long more, long less) throws SystemCallException {
    Kernel kernel = Kernel.system();
    long next = (mask | more) & ~less;
    Descriptor current = descriptor;
    if (current == null) {
      Descriptor made = Descriptor.own(kernel.signalfd(-1, next));
      DescriptorStreams.read(made, EventLoops.shared()).subscribe(this::receive, this::failed);
      descriptor = made;
    } else {
      kernel.signalfd(current.number(), next);
    }
    mask = next;
  }

  /** On the loop. A read of a signalfd gives whole records only. */
  private void receive(ByteBuf chunk) {
    try {
      Instant time = Instant.now();
      for (int at = chunk.readerIndex(); at + SIZE <= chunk.writerIndex(); at += SIZE) {
        Receiver receiver = receivers.get(integer(chunk, at + SIGNO));
        if (receiver != null) {
          receiver.onArrival(time, origin(chunk, at));
        }
      }
    } finally {
      chunk.release();
    }
  }

  private static SignalOrigin origin(ByteBuf chunk, int at) {
    return new SignalOrigin(
        integer(chunk, at + CODE),
        integer(chunk, at + PID),
        integer(chunk, at + UID),
        integer(chunk, at + VALUE),
        integer(chunk, at + STATUS));
  }

  private static int integer(ByteBuf chunk, int at) {
    return LITTLE_ENDIAN ? chunk.getIntLE(at) : chunk.getInt(at);
  }

  /** Such as the end of the shared loops, which nobody but a class loader's end brings about. */
  private void failed(Throwable error) {
    LOG.error("signals blocked in this JVM are no longer received", error);
  }

  private static long bit(Signal signal) {
    return 1L << (signal.number() - 1);
  }
}
