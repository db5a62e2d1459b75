/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Capabilities;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.IdentityHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Schedulers;

/**
 * The {@link MemoryFile}s of one launch, made before its first child and closed after its last. A
 * launch that is tried again does not copy again. Where a file cannot be had, for whatever reason,
 * the input is pumped through a pipe, which looks the same to the child.
 *
 * <p>On one thread after the other: that of the filling, then that of the launch.
 */
final class MemoryInputs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryInputs.class);

  /** Longer than that, and the copying would keep others from being started. */
  private static final long MOST_ON_A_SPAWNER = 1024 * 1024;

  private final Run run;
  private final IdentityHashMap<Stdin.Memory, MemoryFile> files = new IdentityHashMap<>(1);
  private @Nullable Throwable failure;

  MemoryInputs(Run run) {
    this.run = run;
  }

  /**
   * Makes the files, away from the spawner threads if that takes its time.
   *
   * @param then submits the launch; runs here where there is nothing to fill
   */
  void fillThen(Runnable then) {
    long bytes = 0;
    for (Part part : run.parts()) {
      for (Wiring.Port port : part.ports()) {
        bytes += port.end() instanceof Wiring.Memory memory ? toCopy(memory.from()) : 0;
      }
    }
    if (bytes <= MOST_ON_A_SPAWNER) {
      then.run(); // what there is, is filled when it is asked for
      return;
    }
    try {
      Schedulers.boundedElastic()
          .schedule(
              () -> {
                fillAll();
                then.run();
              });
    } catch (RejectedExecutionException full) {
      then.run();
    }
  }

  private static long toCopy(Stdin.Memory from) {
    MemoryInput shared = from.shared();
    return shared != null && shared.isFilled() ? 0 : from.length();
  }

  private void fillAll() {
    try {
      for (Part part : run.parts()) {
        for (Wiring.Port port : part.ports()) {
          if (port.end() instanceof Wiring.Memory memory) {
            fill(memory.from());
          }
        }
      }
    } catch (RuntimeException | Error e) {
      failure = e; // such as a buffer that its owner has released: told by the launch
    }
  }

  private @Nullable MemoryFile fill(Stdin.Memory from) {
    MemoryFile known = files.get(from);
    if (known != null || !Capabilities.get().memoryFiles()) {
      return known;
    }
    ProcessRuntime runtime = run.runtime();
    try {
      MemoryInput shared = from.shared();
      MemoryFile made =
          shared != null
              ? shared.borrow(runtime.memoryFiles(), runtime.kernel())
              : MemoryFile.fill(runtime.memoryFiles(), runtime.kernel(), from, run::isCancelled);
      files.put(from, made);
      return made;
    } catch (SystemCallException e) {
      LOG.debug("an input in memory goes through a pipe instead", e);
      return null;
    }
  }

  /**
   * A descriptor for one child that reads this input, the caller's to close; -1 where it is to be
   * pumped.
   */
  int open(Stdin.Memory from) {
    rethrow();
    MemoryFile file = fill(from);
    if (file == null) {
      return -1;
    }
    try {
      return file.reopen();
    } catch (SystemCallException e) {
      LOG.debug("an input in memory goes through a pipe instead", e);
      return -1;
    }
  }

  private void rethrow() {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException thrown) {
      throw thrown;
    }
  }

  @Override
  public void close() {
    files.forEach(
        (from, file) -> {
          MemoryInput shared = from.shared();
          if (shared != null) {
            shared.giveBack();
          } else {
            file.close();
          }
        });
    files.clear();
  }
}
