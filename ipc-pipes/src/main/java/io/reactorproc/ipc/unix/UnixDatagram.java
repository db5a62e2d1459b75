/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.PeerCredentials;
import java.util.List;

/**
 * One datagram as it came. Who has it releases it, which releases the bytes and closes the
 * descriptors that nobody took. Not for several threads at once.
 */
public final class UnixDatagram extends AbstractReferenceCounted {
  private final ByteBuf bytes;
  private final int length;
  private final UnixAddress sender;
  private final PeerCredentials credentials;
  private final boolean lacksDescriptors;
  private List<Descriptor> descriptors;

  UnixDatagram(
      ByteBuf bytes,
      int length,
      UnixAddress sender,
      PeerCredentials credentials,
      List<Descriptor> descriptors,
      boolean lacksDescriptors) {
    this.bytes = bytes;
    this.length = length;
    this.sender = sender;
    this.credentials = credentials;
    this.descriptors = descriptors;
    this.lacksDescriptors = lacksDescriptors;
  }

  /** The bytes, released with the datagram. */
  public ByteBuf bytes() {
    return bytes;
  }

  /** How many bytes were sent: more than there are where it is {@link #isTruncated()}. */
  public int length() {
    return length;
  }

  /** Whether it was longer than the limit, and its rest is lost. */
  public boolean isTruncated() {
    return length > bytes.capacity();
  }

  /** Where an answer would go; unnamed where the sender has no address. */
  public UnixAddress sender() {
    return sender;
  }

  /** Who sent it, as the kernel vouches for it. */
  public PeerCredentials credentials() {
    return credentials;
  }

  /** Whether descriptors are missing, as this process was at its limit of open ones. */
  public boolean lacksDescriptors() {
    return lacksDescriptors;
  }

  /** The descriptors, closed with the datagram; they are {@code FD_CLOEXEC}. */
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
    return "UnixDatagram[" + bytes + ", from " + sender + ", " + credentials + "]";
  }
}
