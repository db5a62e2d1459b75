/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.flow.LoopHandle;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.WaitResult;
import org.jspecify.annotations.Nullable;

/**
 * Watches one child through its pidfd, which becomes readable when the child is gone: one event for
 * one exit, no signal, no thread, no other child touched.
 */
final class PidfdWatch extends LoopHandle implements ExitWatch {
  private final Kernel kernel;
  private @Nullable Listener listener;

  PidfdWatch(Kernel kernel, IoEventLoop loop, Descriptor pidfd) {
    super(loop, pidfd);
    this.kernel = kernel;
  }

  /**
   * The child may be gone already. Registering looks at the state of now, so there is no gap: had
   * we asked waitid first and registered then, an exit between the two would wake nobody.
   */
  @Override
  public void start(Listener to) throws SystemCallException {
    listener = to;
    try {
      register(WATCH_READABLE);
    } catch (SystemCallException e) {
      leave();
      throw e;
    }
  }

  @Override
  protected void onReady(int bits) {
    Listener current = listener;
    if (current == null || !descriptor.isOpen()) {
      return;
    }
    if ((bits & READABLE) != 0) {
      current.onGoing();
    }
    WaitResult result = kernel.waitFor(true, descriptor.number(), WaitResult.EXITED);
    if (result.kind() != WaitResult.Kind.NOTHING) {
      listener = null;
      // A finished pidfd stays readable for ever: out of epoll with it, and closed.
      leave();
      current.onExit(result);
    }
  }

  @Override
  public void stop() {
    listener = null;
    leave();
  }

  @Override
  public boolean signal(int signal) throws SystemCallException {
    return descriptor.isOpen() && kernel.pidfdSendSignal(descriptor.number(), signal);
  }

  @Override
  public WaitResult takeJobChange() {
    return descriptor.isOpen()
        ? kernel.waitFor(true, descriptor.number(), WaitResult.STOPPED | WaitResult.CONTINUED)
        : WaitResult.NOTHING;
  }

  /** Netty closes the loop: nobody will reap this child here. */
  @Override
  public void close() {
    Listener current = listener;
    listener = null;
    leave();
    if (current != null) {
      current.onExit(WaitResult.LOST);
    }
  }
}
