/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Netty's epoll, with counts of its turns and of the events that its handles get. */
final class CountedIoHandler implements IoHandler {
  private final IoHandler epoll;
  private final AtomicInteger events;
  private final AtomicLong looks;

  private CountedIoHandler(IoHandler epoll, AtomicInteger events, AtomicLong looks) {
    this.epoll = epoll;
    this.events = events;
    this.looks = looks;
  }

  @Override
  public void initialize() {
    epoll.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    int handled = epoll.run(context);
    looks.incrementAndGet();
    return handled;
  }

  @Override
  public void prepareToDestroy() {
    epoll.prepareToDestroy();
  }

  @Override
  public void destroy() {
    epoll.destroy();
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return epoll.register(new Counted((EpollIoHandle) handle));
  }

  @Override
  public void wakeup() {
    epoll.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> type) {
    return epoll.isCompatible(type);
  }

  static final class Factory implements IoHandlerFactory {
    private final IoHandlerFactory epoll;
    private final AtomicInteger events = new AtomicInteger();
    private final AtomicLong looks = new AtomicLong();

    Factory(IoHandlerFactory epoll) {
      this.epoll = epoll;
    }

    int events() {
      return events.get();
    }

    /** How often the loop has asked epoll. */
    long looks() {
      return looks.get();
    }

    @Override
    public IoHandler newHandler(ThreadAwareExecutor executor) {
      return new CountedIoHandler(epoll.newHandler(executor), events, looks);
    }
  }

  private final class Counted implements EpollIoHandle {
    private final EpollIoHandle handle;

    Counted(EpollIoHandle handle) {
      this.handle = handle;
    }

    @Override
    public FileDescriptor fd() {
      return handle.fd();
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      events.incrementAndGet();
      handle.handle(registration, event);
    }

    @Override
    public void close() {
      try {
        handle.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
