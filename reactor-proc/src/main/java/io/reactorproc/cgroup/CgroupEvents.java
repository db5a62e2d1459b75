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
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
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

  /**
   * Who watches which directory. The kernel tells of changes 10 ms apart at least, and what is due
   * when a cgroup is removed is not told any more: whoever removes one here sees to that.
   */
  private static final Map<Path, Set<CgroupEvents>> WATCHING = new ConcurrentHashMap<>();

  private final ControlFiles files = ControlFiles.system();
  private final Path directory;
  private @Nullable Consumer<CgroupState> listener;

  private CgroupEvents(IoEventLoop loop, Descriptor descriptor, Path directory) {
    super(loop, descriptor);
    this.directory = directory;
  }

  /** A cgroup was removed: those who watch it are told. Any thread. */
  static void removed(Path directory) {
    for (CgroupEvents watching : WATCHING.getOrDefault(directory, Set.of())) {
      try {
        watching.loop.execute(watching::tell);
      } catch (RejectedExecutionException e) {
        // Its loop is gone, and has told it.
      }
    }
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
    return new CgroupEvents(loop, Descriptor.own(kernel, fd), cgroup.directory());
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
    WATCHING.compute(
        directory,
        (none, watching) -> {
          Set<CgroupEvents> all = watching == null ? ConcurrentHashMap.newKeySet() : watching;
          all.add(this);
          return all;
        });
    tell();
  }

  /** Whether it was not stopped yet. */
  boolean isOpen() {
    return descriptor.isOpen();
  }

  /** Watches no more. Repeating does nothing. */
  public void stop() {
    listener = null;
    WATCHING.computeIfPresent(
        directory,
        (none, watching) -> {
          watching.remove(this);
          return watching.isEmpty() ? null : watching;
        });
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
