/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.PipeEnds;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors of one start. Whatever was opened is known here from that moment on, so that a
 * failure at any later step leaves nothing open. On one spawner thread.
 */
final class OpenEnds implements AutoCloseable {
  /** Never 0 to 2: whatever prints to stderr in a JVM without one would write into a child. */
  static final int LEAST_OF_OURS = 3;

  private static final int EBADF = Errno.EBADF.intValue();

  private final Kernel kernel;

  /**
   * The child's ends are moved to numbers from here on: above everything that a {@code dup2} in the
   * child overwrites, and clear of 0 to 2 where the JVM was started with those closed.
   */
  private final int least;

  private final List<Descriptor> childEnds = new ArrayList<>(4);
  private final List<LentDescriptor> borrowed = new ArrayList<>(0);
  private final List<@Nullable Descriptor> parentEnds = new ArrayList<>(4);

  /** What the stage before made for this child, and this child's stage for the next. */
  private @Nullable Descriptor fromBefore;

  private @Nullable Descriptor toNext;

  OpenEnds(Kernel kernel, int least, @Nullable Descriptor fromBefore) {
    this.kernel = kernel;
    this.least = least;
    this.fromBefore = fromBefore;
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

  /** A pair of sockets, of which we have one and the child the other; the answer is its number. */
  int channel(Sockets sockets) throws SystemCallException {
    long ends = sockets.pair(SocketType.STREAM, "make a channel to the child");
    parentEnds.add(Descriptor.own(kernel, PipeEnds.readEnd(ends)));
    childEnds.add(Descriptor.own(kernel, PipeEnds.writeEnd(ends)));
    lastMovedTo(LEAST_OF_OURS, parentEnds);
    int number = lastMovedTo(least, childEnds);
    kernel.setBlocking(number, "let the child wait on its channel");
    return number;
  }

  /**
   * A pipe that this child writes and that of the next stage reads; the answer is this child's
   * number.
   */
  int toNext(int capacity) throws SystemCallException {
    long ends = kernel.pipe("make the pipe between two stages");
    toNext = Descriptor.own(kernel, PipeEnds.readEnd(ends));
    childEnds.add(Descriptor.own(kernel, PipeEnds.writeEnd(ends)));
    parentEnds.add(null);
    int number = lastMovedTo(least, childEnds);
    if (capacity > 0) {
      kernel.setPipeCapacity(number, capacity); // a refusal leaves the default capacity
    }
    return number;
  }

  /** Hands over the end that the next stage reads. */
  @Nullable Descriptor takeToNext() {
    Descriptor taken = toNext;
    toNext = null;
    return taken;
  }

  /** The end that was made for this child; the answer is its number. */
  int fromBefore() throws SystemCallException {
    childEnds.add(Objects.requireNonNull(fromBefore));
    fromBefore = null;
    parentEnds.add(null);
    return lastMovedTo(least, childEnds);
  }

  /** Hands over what was opened last for the child. */
  Descriptor takeChildEnd() {
    return childEnds.remove(childEnds.size() - 1);
  }

  private int pipe(int ours, int theirs, int capacity) throws SystemCallException {
    parentEnds.add(Descriptor.own(kernel, ours));
    childEnds.add(Descriptor.own(kernel, theirs));
    int kept = lastMovedTo(LEAST_OF_OURS, parentEnds);
    if (capacity > 0) {
      kernel.setPipeCapacity(kept, capacity); // a refusal leaves the default capacity
    }
    kernel.setNewPipeNonBlocking(kept, "read and write by demand");
    return lastMovedTo(least, childEnds);
  }

  /** A file for the child; the answer is its number. */
  int file(byte[] path, int flags, int mode, String purpose) throws SystemCallException {
    return made(kernel.open(path, flags, mode, purpose));
  }

  /** A descriptor that was opened for the child and is owned here from now on. */
  int made(int number) throws SystemCallException {
    childEnds.add(Descriptor.own(kernel, number));
    parentEnds.add(null);
    return lastMovedTo(least, childEnds);
  }

  /** A descriptor that exists already and is the child's to use; the answer is its number. */
  int shared(int number) throws SystemCallException {
    parentEnds.add(null);
    if (number >= least) {
      return number;
    }
    int higher = kernel.duplicate(number, least, "move a descriptor out of the way");
    childEnds.add(Descriptor.own(kernel, higher));
    return higher;
  }

  /** A descriptor that its owner keeps open for this start; the answer is its number. */
  int numbered(int number, boolean blocking) throws SystemCallException {
    if (!kernel.isOpen(number)) {
      throw new SystemCallException("fcntl", EBADF, "give the child descriptor " + number);
    }
    if (blocking) {
      kernel.setBlocking(number, "let the child wait on descriptor " + number);
    }
    return shared(number);
  }

  /** A descriptor that somebody lends for this start; the answer is its number. */
  int lent(LentDescriptor end) throws SystemCallException {
    int number = end.borrow();
    borrowed.add(end);
    return shared(number);
  }

  /** One more descriptor of our side of the child's terminal, which the child opens by itself. */
  void terminal(int master) throws SystemCallException {
    int ours = kernel.duplicate(master, LEAST_OF_OURS, "read or write the terminal of the child");
    parentEnds.add(Descriptor.own(kernel, ours));
  }

  /** Nothing: the child has the descriptor of equal number, or that of another port. */
  void none() {
    parentEnds.add(null);
  }

  private int lastMovedTo(int lowest, List<? super Descriptor> ends) throws SystemCallException {
    int last = ends.size() - 1;
    Descriptor end = (Descriptor) Objects.requireNonNull(ends.get(last));
    int number = end.number();
    if (number >= lowest) {
      return number;
    }
    int higher = kernel.duplicate(number, lowest, "move a descriptor out of the way");
    end.close();
    ends.set(last, Descriptor.own(kernel, higher));
    return higher;
  }

  /** Closes what only the child needs, at once after the spawn. */
  void closeChildEnds() {
    childEnds.forEach(Descriptor::close);
    childEnds.clear();
    borrowed.forEach(LentDescriptor::giveBack);
    borrowed.clear();
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
    parentEnds.forEach(OpenEnds::closeIfThere);
    parentEnds.clear();
    closeIfThere(fromBefore);
    closeIfThere(toNext);
  }

  private static void closeIfThere(@Nullable Descriptor end) {
    if (end != null) {
      end.close();
    }
  }
}
