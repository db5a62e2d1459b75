/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.flow.ChannelFlux;
import io.reactorproc.ipc.flow.Medium;
import io.reactorproc.ipc.flow.ReadChannel;
import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;

/**
 * Our end of the one stdout that jobs share which run one after the other: by demand, for one
 * subscriber, who is to come.
 */
final class SharedOutput extends ChannelFlux {
  private final IoEventLoop loop;
  private final Kernel kernel;
  private final Descriptor readEnd;
  private final ReadChannel channel;
  private boolean failed;

  /** Takes the ownership of the end. */
  SharedOutput(ProcessRuntime runtime, Descriptor readEnd) {
    this(runtime.nextLoop(), runtime.kernel(), readEnd);
  }

  private SharedOutput(IoEventLoop loop, Kernel kernel, Descriptor readEnd) {
    super(loop);
    this.loop = loop;
    this.kernel = kernel;
    this.readEnd = readEnd;
    this.channel = new ReadChannel(kernel, loop, readEnd, Medium.PIPE, this);
    bind(channel);
  }

  @Override
  protected void onTaken() {
    if (failed) {
      return;
    }
    try {
      kernel.setNewPipeNonBlocking(readEnd.number(), "read by demand");
      channel.open();
    } catch (SystemCallException | IllegalStateException e) {
      end(e);
    }
  }

  /** All writers that were asked to write have ended; others may hold the pipe for the grace. */
  void writersEnded(Duration grace) {
    onLoop(() -> channel.writerExited(grace.toNanos()));
  }

  /** Ends with this error, at once: what nobody has asked for must not delay it. */
  void fail(Throwable error) {
    onLoop(() -> end(error));
  }

  private void end(Throwable error) {
    if (!failed && !channel.isDone()) {
      failed = true;
      channel.cancel();
      onEnd(StreamEnd.FAILED, error);
    }
  }

  private void onLoop(Runnable action) {
    try {
      loop.execute(action);
    } catch (RejectedExecutionException shutDown) {
      channel.cancel(); // there is nobody left to tell
    }
  }
}
