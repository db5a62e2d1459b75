/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * An owned file descriptor: an open number with exactly one owner, closed exactly once.
 *
 * <p>The number is swapped out by whoever ends the ownership ({@link #close()} or {@link
 * #release()}), so a second close cannot hit a number that somebody else has got meanwhile. May be
 * used from any thread. Closing is not synchronised with other uses of the number: a descriptor
 * that an event loop watches is deregistered on that loop first and closed afterwards, which the
 * streams of this package do by themselves.
 */
public final class Descriptor implements AutoCloseable {
  private static final int GONE = -1;
  private static final VarHandle NUMBER;

  static {
    try {
      NUMBER = MethodHandles.lookup().findVarHandle(Descriptor.class, "number", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Kernel kernel;

  /** The number, or {@link #GONE}. Any thread; written only by swapping it out. */
  @SuppressWarnings("FieldMayBeFinal") // written through NUMBER
  private volatile int number;

  private Descriptor(Kernel kernel, int number) {
    this.kernel = kernel;
    this.number = number;
    DescriptorTrace.opened(this, number);
  }

  /**
   * Takes the ownership of an open descriptor that the caller got from elsewhere. It is the
   * caller's duty that the descriptor has {@code FD_CLOEXEC}.
   *
   * @throws IllegalArgumentException if the number is negative
   */
  public static Descriptor own(int number) {
    return own(Kernel.system(), number);
  }

  /** As {@link #own(int)}, closed through the given kernel. */
  public static Descriptor own(Kernel kernel, int number) {
    if (number < 0) {
      throw new IllegalArgumentException("not a descriptor number: " + number);
    }
    return new Descriptor(kernel, number);
  }

  /**
   * The number, for a system call by the owner.
   *
   * @throws IllegalStateException if the ownership has ended
   */
  public int number() {
    int current = number;
    if (current == GONE) {
      throw new IllegalStateException("the descriptor is closed or was given away");
    }
    return current;
  }

  /** Whether this object still owns an open number. */
  public boolean isOpen() {
    return number != GONE;
  }

  /**
   * Ends the ownership without closing: the caller owns the number now.
   *
   * @throws IllegalStateException if the ownership has ended before
   */
  public int release() {
    int taken = (int) NUMBER.getAndSet(this, GONE);
    if (taken == GONE) {
      throw new IllegalStateException("the descriptor is closed or was given away");
    }
    DescriptorTrace.ended(this);
    return taken;
  }

  /** Closes the descriptor; does nothing where that has happened or it was given away. */
  @Override
  public void close() {
    int taken = (int) NUMBER.getAndSet(this, GONE);
    if (taken != GONE) {
      DescriptorTrace.ended(this);
      kernel.close(taken);
    }
  }

  @Override
  public String toString() {
    int current = number;
    return current == GONE ? "Descriptor[closed]" : "Descriptor[" + current + "]";
  }
}
