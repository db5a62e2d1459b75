/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.cgroup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoOps;
import io.reactorproc.ipc.flow.LoopHandle;
import io.reactorproc.ipc.sys.ControlFiles;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.function.Consumer;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches {@code cgroup.events} of one cgroup: each change is an event of epoll ({@code EPOLLPRI}),
 * and nothing is polled. On one event loop, except for {@link #open}.
 */
public final class CgroupEvents extends LoopHandle {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupEvents.class);
  private static final int EPOLLPRI = 2;
  private static final EpollIoOps WATCH = QUIET.with(EpollIoOps.valueOf(EPOLLPRI));
  private static final int ENOUGH = 256;
  private static final CgroupState REMOVED = new CgroupState(false, false);

  private final ControlFiles files = ControlFiles.system();
  private @Nullable Consumer<CgroupState> listener;

  private CgroupEvents(IoEventLoop loop, Descriptor descriptor) {
    super(loop, descriptor);
  }

  /**
   * Opens the file. Off the loop: it is a path to look up.
   *
   * @throws SystemCallException {@code ENOENT} where the cgroup was removed
   */
  public static CgroupEvents open(Cgroup cgroup, IoEventLoop loop) throws SystemCallException {
    Kernel kernel = Kernel.system();
    byte[] path = (cgroup.directory().resolve("cgroup.events") + "\0").getBytes(UTF_8);
    int fd = kernel.open(path, 0, 0, "watch a cgroup");
    return new CgroupEvents(loop, Descriptor.own(kernel, fd));
  }

  /**
   * Begins to watch, and tells the state of now. Registered first and read then: a change between
   * the two is seen by one or the other.
   *
   * @param to gets the state, at least at each change of it; a cgroup that was removed is neither
   *     populated nor frozen, and is the last thing it is told
   */
  public void start(Consumer<CgroupState> to) throws SystemCallException {
    listener = to;
    try {
      register(WATCH);
    } catch (SystemCallException e) {
      stop();
      throw e;
    }
    tell();
  }

  /** Whether it was not stopped yet. */
  boolean isOpen() {
    return descriptor.isOpen();
  }

  /** Watches no more. Repeating does nothing. */
  public void stop() {
    listener = null;
    leave();
  }

  @Override
  protected void onReady(int bits) {
    tell();
  }

  private void tell() {
    Consumer<CgroupState> to = listener;
    if (to == null) {
      return;
    }
    CgroupState state;
    try {
      state = CgroupState.of(files.read(descriptor.number(), ENOUGH));
    } catch (SystemCallException e) {
      if (!e.is(Errno.ENODEV)) {
        LOG.warn("the state of a cgroup cannot be read", e);
      }
      stop();
      state = REMOVED;
    }
    to.accept(state);
  }

  /** Netty closes the loop: nobody will learn more of this cgroup here. */
  @Override
  public void close() {
    Consumer<CgroupState> to = listener;
    stop();
    if (to != null) {
      to.accept(REMOVED);
    }
  }
}
