/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Descriptor;

/**
 * A descriptor of this JVM that its owner lends to children, by {@link Stdin#lent} and {@link
 * Output#lent}: each of them gets a copy at its spawn, in the place of a pipe or file of its own.
 * The owner closes it when nobody is to be started with it any more; a start that is under way just
 * then keeps the number open until it is over, so that no child can be given whatever file got the
 * number next. Any thread.
 */
public final class LentDescriptor implements AutoCloseable {
  private final Descriptor descriptor;
  private boolean closed;
  private int borrowed;

  /** Takes the ownership of the descriptor. */
  public LentDescriptor(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * The number, which stays open until {@link #giveBack()}.
   *
   * @throws IllegalStateException if the owner has closed it
   */
  synchronized int borrow() {
    if (closed) {
      throw new IllegalStateException("the descriptor is lent no more");
    }
    borrowed++;
    return descriptor.number();
  }

  /** The child has its copy, or will not be started. */
  synchronized void giveBack() {
    borrowed--;
    closeIfUnused();
  }

  /** Lends it no more, and closes it as soon as no start is using it. Repeating does nothing. */
  @Override
  public synchronized void close() {
    closed = true;
    closeIfUnused();
  }

  private void closeIfUnused() {
    if (closed && borrowed == 0) {
      descriptor.close();
    }
  }
}
