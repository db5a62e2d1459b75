/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.Wiring.Access;
import io.reactorproc.ipc.sys.Capabilities;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.MemoryFiles;
import io.reactorproc.ipc.sys.PipeEnds;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Stdin, stdout and stderr that the steps of a sequence share, as in a shell's <code>{ a; b; } &lt;
 * file</code>: opened once, and what one step has read or written the next one goes on behind. What
 * is opened here is closed here; what came from outside is passed on.
 *
 * <p>Opened on a spawner thread; may be closed from any thread at any moment.
 */
final class SharedEnds implements AutoCloseable {
  private static final int LEAST = 10;

  private final Sequence sequence;
  private final Kernel kernel;

  // Guarded by this.
  private final Map<Integer, LentDescriptor> own = new HashMap<>(4);
  private final Map<Integer, LentDescriptor> lent;
  private @Nullable Descriptor feed;
  private boolean closed;

  /**
   * Ends that are not open yet.
   *
   * @param outer what the surroundings share
   */
  SharedEnds(Sequence sequence, Kernel kernel, Map<Integer, LentDescriptor> outer) {
    this.sequence = sequence;
    this.kernel = kernel;
    this.lent = new HashMap<>(outer);
  }

  /** Refuses what a sequence cannot share. */
  static void check(Settings whole) {
    if (whole.input(0) instanceof Stdin.Piped) {
      throw new InvalidCommandException("a sequence has no handle that Stdin.pipe() could go to");
    }
    for (int fd = 1; fd <= 2; fd++) {
      if (whole.output(fd) instanceof Output.Tee) {
        throw new InvalidCommandException("the output of a sequence cannot be teed");
      }
    }
    if (whole.output(1) instanceof Output.Merged) {
      throw new InvalidCommandException("only stderr can go where stdout goes");
    }
  }

  /**
   * Opens what the sequence sets; completes with a {@link ProcessStartException} where it fails.
   */
  Mono<SharedEnds> open() {
    Settings whole = sequence.whole();
    if (whole.inputs.isEmpty() && whole.outputs.isEmpty()) {
      return Mono.just(this);
    }
    return Mono.create(
        sink ->
            Spawner.shared()
                .submit(
                    arena -> {
                      try {
                        openAll(whole);
                        sink.success(this);
                      } catch (IOException | RuntimeException | Error e) {
                        close(); // somebody waits for it, whatever it is
                        sink.error(e);
                      }
                    }));
  }

  private void openAll(Settings whole) throws IOException {
    if (whole.inputs.containsKey(0)) {
      openStdin(whole.input(0));
    }
    openOutput(1, whole.output(1));
    openOutput(2, whole.output(2));
  }

  private void openStdin(Stdin from) throws IOException {
    if (from instanceof Stdin.FromFile file) {
      openFile(0, new Wiring.File(file.file(), Access.READ));
    } else if (from instanceof Stdin.Memory memory) {
      openMemory(memory);
    } else if (from instanceof Stdin.Published) {
      openFed();
    } else if (from instanceof Stdin.Numbered numbered) {
      addCopy(0, numbered.number());
    } else if (from instanceof Stdin.Inherit) {
      inherit(0);
    } else {
      addCopy(0, NullDevice.descriptor(kernel));
    }
  }

  private void openFed() throws SystemCallException {
    long ends = kernel.pipe("make the pipe of an input");
    add(0, PipeEnds.readEnd(ends));
    feeds(Descriptor.own(kernel, PipeEnds.writeEnd(ends)));
  }

  /** One file for all steps: each goes on where the one before stopped reading. */
  private void openMemory(Stdin.Memory from) throws SystemCallException {
    if (Capabilities.get().memoryFiles()) {
      addMemory(MemoryFiles.system(), from);
    } else {
      openFed();
    }
  }

  private void addMemory(MemoryFiles files, Stdin.Memory from) throws SystemCallException {
    MemoryInput shared = from.shared();
    if (shared == null) {
      try (MemoryFile file = MemoryFile.fill(files, kernel, from, this::isClosed)) {
        add(0, file.reopen());
      }
      return;
    }
    MemoryFile file = shared.borrow(files, kernel);
    try {
      add(0, file.reopen());
    } finally {
      shared.giveBack();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void openOutput(int fd, Output to) throws IOException {
    if (to instanceof Output.ToFile file) {
      Access access = file.mode() == Output.Mode.APPEND ? Access.APPEND : Access.TRUNCATE;
      openFile(fd, new Wiring.File(file.file(), access));
    } else if (to instanceof Output.Inherit) {
      inherit(fd);
    } else if (to instanceof Output.Discard) {
      addCopy(fd, NullDevice.descriptor(kernel));
    } else if (to instanceof Output.Merged) {
      asStdout(fd);
    }
  }

  private synchronized void asStdout(int fd) throws SystemCallException {
    LentDescriptor stdout = lent.get(1);
    if (stdout == null) {
      addCopy(fd, NullDevice.descriptor(kernel)); // nobody looks at stdout
    } else {
      lent.put(fd, stdout);
    }
  }

  private void inherit(int fd) throws SystemCallException {
    addCopy(fd, GivenDescriptors.contain(kernel, fd) ? fd : NullDevice.descriptor(kernel));
  }

  private void openFile(int fd, Wiring.File file) throws ProcessStartException {
    int flags = ChildStart.flags(file.access());
    try {
      add(
          fd,
          kernel.open(
              Strings.cPath(file.path()), flags, ChildStart.FILE_MODE, "open " + file.path()));
    } catch (SystemCallException e) {
      throw new ProcessStartException(
          ProcessStartException.Reason.REDIRECT,
          sequence.toString(),
          "a file for its input or output cannot be opened: " + e.getMessage(),
          e);
    }
  }

  private void addCopy(int fd, int number) throws SystemCallException {
    add(fd, kernel.duplicate(number, LEAST, "share a descriptor"));
  }

  private synchronized void add(int fd, int number) {
    LentDescriptor end = new LentDescriptor(Descriptor.own(kernel, number));
    lent.put(fd, end);
    own.put(fd, end);
    if (closed) {
      end.close();
    }
  }

  private synchronized void feeds(Descriptor writeEnd) {
    feed = writeEnd;
    if (closed) {
      writeEnd.close();
    }
  }

  /** Whether somebody has to write what the steps read. */
  synchronized boolean hasFeed() {
    return feed != null;
  }

  /** Takes the end that feeds stdin, where a publisher is to be written there. */
  synchronized @Nullable Descriptor takeFeed() {
    Descriptor taken = feed;
    feed = null;
    return taken;
  }

  /** By the child's number; what is missing is as each step says. */
  synchronized Map<Integer, LentDescriptor> lent() {
    return Map.copyOf(lent);
  }

  /** Lends nothing more. Repeating does nothing. */
  @Override
  public synchronized void close() {
    closed = true;
    own.values().forEach(LentDescriptor::close);
    Descriptor unused = takeFeed();
    if (unused != null) {
      unused.close();
    }
  }
}
