/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.SpawnArena;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that start children: daemons, as many as processors, that never end, because {@code
 * PR_SET_PDEATHSIG} and other attributes of a child follow the thread that spawned it. Everything
 * that may block on the way of a start (path look-up, opening files, {@code posix_spawn} itself)
 * happens here and never on an event loop.
 */
final class Spawner {
  private static final Logger LOG = LoggerFactory.getLogger(Spawner.class);

  /** Lock-free for those who submit, as event loops do. */
  private final BlockingQueue<Task> queue = new LinkedTransferQueue<>();

  /** Work for a spawner thread, with that thread's native memory. */
  @FunctionalInterface
  interface Task {
    void run(SpawnArena arena);
  }

  static Spawner shared() {
    return Holder.INSTANCE;
  }

  private Spawner(int threads) {
    for (int i = 1; i <= threads; i++) {
      Thread thread = new Thread(this::serve, "reactor-proc-spawner-" + i);
      thread.setDaemon(true);
      thread.start();
    }
  }

  void submit(Task task) {
    queue.add(task);
  }

  private void serve() {
    SpawnArena arena = new SpawnArena();
    while (true) {
      try {
        queue.take().run(arena);
      } catch (InterruptedException e) {
        LOG.warn("somebody interrupted a spawner thread, which serves everybody and goes on");
      } catch (RuntimeException | Error e) {
        LOG.error("a start failed in an unforeseen way", e);
      }
    }
  }

  private static final class Holder {
    static final Spawner INSTANCE = new Spawner(Runtime.getRuntime().availableProcessors());

    private Holder() {}
  }
}
