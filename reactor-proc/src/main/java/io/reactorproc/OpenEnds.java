/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.PipeEnds;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors of one start. Whatever was opened is known here from that moment on, so that a
 * failure at any later step leaves nothing open. On one spawner thread.
 */
final class OpenEnds implements AutoCloseable {
  private final Kernel kernel;

  /**
   * The child's ends are moved to numbers from here on: above everything that a {@code dup2} in the
   * child overwrites, and clear of 0 to 2 where the JVM was started with those closed.
   */
  private final int least;

  private final List<Descriptor> childEnds = new ArrayList<>(4);
  private final List<@Nullable Descriptor> parentEnds = new ArrayList<>(4);

  OpenEnds(Kernel kernel, int least) {
    this.kernel = kernel;
    this.least = least;
  }

  /** A pipe that the child writes and we read; the answer is the child's number. */
  int outputPipe(int capacity) throws SystemCallException {
    long ends = kernel.pipe("make the pipe of an output");
    return pipe(PipeEnds.readEnd(ends), PipeEnds.writeEnd(ends), capacity);
  }

  /** A pipe that we write and the child reads; the answer is the child's number. */
  int inputPipe(int capacity) throws SystemCallException {
    long ends = kernel.pipe("make the pipe of an input");
    return pipe(PipeEnds.writeEnd(ends), PipeEnds.readEnd(ends), capacity);
  }

  private int pipe(int ours, int theirs, int capacity) throws SystemCallException {
    Descriptor parentEnd = Descriptor.own(kernel, ours);
    Descriptor childEnd = Descriptor.own(kernel, theirs);
    parentEnds.add(parentEnd);
    childEnds.add(childEnd);
    if (capacity > 0) {
      kernel.setPipeCapacity(ours, capacity); // a refusal leaves the default capacity
    }
    kernel.setNonBlocking(ours, "read and write by demand");
    return moved(childEnd);
  }

  /** A file for the child; the answer is its number. */
  int file(byte[] path, int flags, int mode) throws SystemCallException {
    Descriptor file = Descriptor.own(kernel, kernel.open(path, flags, mode, "open a redirect"));
    childEnds.add(file);
    parentEnds.add(null);
    return moved(file);
  }

  /** Nothing of ours: the child's descriptor exists already. */
  void none() {
    parentEnds.add(null);
  }

  private int moved(Descriptor childEnd) throws SystemCallException {
    int number = childEnd.number();
    if (number >= least) {
      return number;
    }
    int higher = kernel.duplicate(number, least, "move a descriptor out of the way");
    childEnd.close();
    childEnds.set(childEnds.size() - 1, Descriptor.own(kernel, higher));
    return higher;
  }

  /** Closes what only the child needs, at once after the spawn. */
  void closeChildEnds() {
    childEnds.forEach(Descriptor::close);
    childEnds.clear();
  }

  /** Hands our ends over, one for each port, null where there is none. */
  List<@Nullable Descriptor> takeParentEnds() {
    List<@Nullable Descriptor> taken = new ArrayList<>(parentEnds);
    parentEnds.clear();
    return taken;
  }

  @Override
  public void close() {
    closeChildEnds();
    for (Descriptor end : parentEnds) {
      if (end != null) {
        end.close();
      }
    }
    parentEnds.clear();
  }
}
