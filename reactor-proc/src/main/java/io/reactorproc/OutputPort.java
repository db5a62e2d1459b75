/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import io.reactorproc.Wiring.OutputPipe;
import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.Duplex;
import io.reactorproc.ipc.flow.FlowMeter;
import io.reactorproc.ipc.flow.Medium;
import io.reactorproc.ipc.flow.ReadChannel;
import io.reactorproc.ipc.flow.ReadControl;
import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/**
 * Our end of one output of a child: the channel, who gets the bytes, and how it ended. On the loop.
 */
final class OutputPort implements ByteReceiver {
  final int descriptor;
  final OutputPipe pipe;
  private final Member member;
  private final IoEventLoop loop;
  private final ReadChannel channel;
  private final ReadControl control;
  private @Nullable ByteReceiver receiver;
  private @Nullable StderrCollector excerpt;
  private @Nullable TerminalPort terminal;
  private boolean drained;
  private @Nullable OutputSummary summary;
  private @Nullable Throwable failure;

  OutputPort(
      Member member,
      Kernel kernel,
      IoEventLoop loop,
      int descriptor,
      OutputPipe pipe,
      Descriptor end,
      Medium medium) {
    this.member = member;
    this.loop = loop;
    this.descriptor = descriptor;
    this.pipe = pipe;
    if (pipe.tee().isEmpty()) {
      channel = new ReadChannel(kernel, loop, end, medium, this);
      control = channel;
    } else {
      TeeReceiver tee = new TeeReceiver(loop, pipe.tee(), this, member::outputTargetFailed);
      channel = new ReadChannel(kernel, loop, end, medium, tee);
      tee.bind(channel);
      control = tee;
    }
  }

  /** The reading direction of a channel. */
  OutputPort(Member member, IoEventLoop loop, int descriptor, Duplex socket) {
    this.member = member;
    this.loop = loop;
    this.descriptor = descriptor;
    this.pipe = Wiring.STREAMED;
    channel = new ReadChannel(socket, new ChannelReader(socket.descriptor()), this);
    control = channel;
  }

  /** Sets who gets the bytes, puts the channel into epoll, and starts what needs no demand. */
  void open(ByteReceiver to) throws SystemCallException {
    receiver = to;
    channel.open();
  }

  /** It is our side of this terminal. */
  void onTerminal(TerminalPort side) {
    terminal = side;
  }

  /** Keeps head and tail of what passes. */
  void keepExcerpt(StderrCollector collector) {
    excerpt = collector;
  }

  /** Where demand goes. */
  ReadControl control() {
    return control;
  }

  ReadChannel channel() {
    return channel;
  }

  /** Closes our end; the output has ended then. */
  void cancel() {
    if (summary == null) {
      control.cancel();
      ended(StreamEnd.CANCELLED, null, List.of());
    }
  }

  /**
   * Tells whoever reads it that it was closed before its end, where nothing else will: not by that
   * reader, who has left then, but with the handle or by a timeout.
   */
  void tellClosed(Throwable why) {
    receiver().onEnd(StreamEnd.CANCELLED, why);
  }

  /** Whether it has ended, so that {@link #summary()} is there. */
  boolean isEnded() {
    return summary != null;
  }

  /** Whether all that the child wrote has been delivered. */
  boolean isDrained() {
    return drained || summary != null;
  }

  OutputSummary summary() {
    return Objects.requireNonNull(summary);
  }

  /** Why reading failed, if it did. */
  @Nullable Throwable failure() {
    return failure;
  }

  private ByteReceiver receiver() {
    return Objects.requireNonNull(receiver);
  }

  @Override
  public void onBytes(ByteBuf chunk) {
    member.outputSeen();
    StderrCollector keeping = excerpt;
    if (keeping != null) {
      keeping.keep(chunk);
    }
    receiver().onBytes(chunk);
  }

  @Override
  public void onDrained() {
    drained = true;
    receiver().onDrained();
    member.outputDrained();
  }

  /** Looks for those who hold the pipe, which reads /proc, away from the loop; then it is over. */
  @Override
  public void onAbandoned(Descriptor end) {
    TerminalPort side = terminal;
    Schedulers.boundedElastic()
        .schedule(
            () -> {
              List<Integer> holders =
                  side == null ? PipeHolders.of(end) : PipeHolders.of(Path.of(side.name()));
              end.close();
              loop.execute(() -> finish(StreamEnd.ABANDONED, null, holders));
            });
  }

  @Override
  public void onEnd(StreamEnd how, @Nullable Throwable error) {
    finish(how, error, List.of());
  }

  private void finish(StreamEnd how, @Nullable Throwable error, List<Integer> holders) {
    if (summary == null) {
      summarize(how, error, holders);
      receiver().onEnd(how, error);
      member.outputEnded(this);
    }
  }

  private void ended(StreamEnd how, @Nullable Throwable error, List<Integer> holders) {
    summarize(how, error, holders);
    member.outputEnded(this);
  }

  private void summarize(StreamEnd how, @Nullable Throwable error, List<Integer> holders) {
    FlowMeter meter = channel.meter();
    failure = error;
    summary =
        new OutputSummary(
            descriptor,
            meter.bytes(),
            meter.chunks(),
            Duration.ofNanos(meter.readerWaitedNanos()),
            Duration.ofNanos(meter.writerWaitedNanos()),
            how,
            holders);
  }
}
