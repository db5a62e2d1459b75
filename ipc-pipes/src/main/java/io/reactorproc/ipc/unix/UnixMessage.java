/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import io.reactorproc.ipc.sys.Descriptor;
import java.util.List;

/**
 * Bytes and the descriptors that travel with them. Who has a message releases it, which releases
 * the bytes and closes the descriptors that nobody took. Not for several threads at once.
 */
public final class UnixMessage extends AbstractReferenceCounted {
  private final ByteBuf bytes;
  private List<Descriptor> descriptors;

  /** A message that owns these bytes and descriptors from now on. */
  public UnixMessage(ByteBuf bytes, List<Descriptor> descriptors) {
    this.bytes = bytes;
    this.descriptors = descriptors;
  }

  /** The bytes, released with the message. */
  public ByteBuf bytes() {
    return bytes;
  }

  /** The descriptors, closed with the message; they are {@code FD_CLOEXEC}. */
  public List<Descriptor> descriptors() {
    return List.copyOf(descriptors);
  }

  /** The descriptors, which are the caller's from now on. */
  public List<Descriptor> takeDescriptors() {
    List<Descriptor> taken = descriptors;
    descriptors = List.of();
    return taken;
  }

  @Override
  public ReferenceCounted touch(Object hint) {
    bytes.touch(hint);
    return this;
  }

  @Override
  protected void deallocate() {
    bytes.release();
    takeDescriptors().forEach(Descriptor::close);
  }

  @Override
  public String toString() {
    return "UnixMessage[" + bytes + ", " + descriptors + "]";
  }
}
