/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static io.reactorproc.ipc.sys.Layout.*;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/**
 * What goes through {@code sendmsg(2)} and {@code recvmsg(2)} besides the bytes: an address,
 * descriptors and credentials. One piece of native memory, made once and used again and again by
 * one thread; {@link #ofThread()} is made for that.
 *
 * <p>Before a send: {@link #clear()}, then what the message shall carry. After a receive: what it
 * carried, until the next use.
 */
public final class SocketMessage {
  /** {@code SCM_MAX_FD}: the kernel refuses more descriptors in one message with {@code EINVAL}. */
  public static final int MOST_DESCRIPTORS = 253;

  private static final FastThreadLocal<SocketMessage> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected SocketMessage initialValue() {
          return new SocketMessage();
        }
      };

  private static final int VECTOR = 64;
  private static final int NAME = 80;
  private static final int CONTROL = 192;

  /** Room for all that may come at once, so that {@code MSG_CTRUNC} never means a small buffer. */
  private static final int CONTROL_SIZE = 2048;

  /** Room in which no descriptor fits, and of credentials only that there are some. */
  private static final int HEADER_ONLY = CMSGHDR_SIZE;

  private static final byte[] NO_NAME = {};

  private final Pointer memory =
      Memory.allocateDirect(Native.runtime(), CONTROL + CONTROL_SIZE, true);
  private final long base = memory.address();
  private final int[] descriptors = new int[MOST_DESCRIPTORS];

  private int nameLength;
  private int controlLength;
  private int descriptorCount;
  private int flags;
  private boolean credentials;
  private int pid;
  private int uid;
  private int gid;

  /** An empty message; takes 2 KiB of native memory, freed with this object. */
  public SocketMessage() {
    memory.putLong(MSGHDR_VECTORS, base + VECTOR);
  }

  /** The message of the calling thread. Its content lasts until the next one who asks for it. */
  public static SocketMessage ofThread() {
    return OF_THREAD.get();
  }

  /**
   * The address of a buffer's bytes: those from {@code index} on lie there in one piece.
   *
   * @throws IllegalArgumentException if the buffer is not one piece of direct memory
   */
  public static long addressOf(ByteBuf direct, int index) {
    if (direct.hasMemoryAddress()) {
      return direct.memoryAddress() + index;
    }
    if (!direct.isDirect() || direct.nioBufferCount() != 1) {
      throw new IllegalArgumentException("not one piece of direct memory: " + direct);
    }
    // Where Netty is denied Unsafe, its direct buffers tell no address.
    ByteBuffer view = direct.nioBuffer(index, direct.capacity() - index);
    return Pointer.wrap(Native.runtime(), view).address() + view.position();
  }

  /** Makes it carry nothing. */
  public SocketMessage clear() {
    nameLength = 0;
    controlLength = 0;
    forgetReceived();
    return this;
  }

  /** Addresses the message, for a datagram socket that is not connected. */
  public SocketMessage to(byte[] name) {
    nameLength = writeAddress(memory, NAME, name);
    return this;
  }

  /**
   * Adds copies of descriptors. The kernel takes its copies within the send, so that the caller may
   * close its own ones afterwards. At most once after {@link #clear()}.
   */
  public SocketMessage withDescriptors(int... fds) {
    if (fds.length == 0) {
      return this;
    }
    if (fds.length > MOST_DESCRIPTORS) {
      throw new IllegalArgumentException(
          "at most " + MOST_DESCRIPTORS + " descriptors in one message: " + fds.length);
    }
    int at = beginControl(SCM_RIGHTS, fds.length * Integer.BYTES);
    memory.put(at, fds, 0, fds.length);
    return this;
  }

  /**
   * Adds credentials. The kernel adds the true ones by itself where the receiver asks for them;
   * others than those need privileges ({@code EPERM}).
   */
  public SocketMessage withCredentials(int senderPid, int senderUid, int senderGid) {
    int at = beginControl(SCM_CREDENTIALS, UCRED_SIZE);
    memory.putInt(at, senderPid);
    memory.putInt(at + 4, senderUid);
    memory.putInt(at + 8, senderGid);
    return this;
  }

  /** Begins one control message; the answer is where its data goes. */
  private int beginControl(int type, int size) {
    int at = CONTROL + controlLength;
    memory.putLong(at, CMSGHDR_SIZE + size);
    memory.putInt(at + CMSGHDR_LEVEL, SOL_SOCKET);
    memory.putInt(at + CMSGHDR_TYPE, type);
    controlLength += CMSGHDR_SIZE + (int) align(size);
    return at + CMSGHDR_SIZE;
  }

  /** The number of descriptors that came. They are open and the receiver's to close. */
  public int descriptorCount() {
    return descriptorCount;
  }

  /** One of the descriptors that came. */
  public int descriptor(int index) {
    if (index >= descriptorCount) {
      throw new IndexOutOfBoundsException(index);
    }
    return descriptors[index];
  }

  /** Whether the message was longer than the buffer, and the rest is lost ({@code MSG_TRUNC}). */
  public boolean isTruncated() {
    return (flags & MSG_TRUNC) != 0;
  }

  /**
   * Whether descriptors are missing ({@code MSG_CTRUNC}). Unless the receive was {@link
   * Sockets#WITHOUT_DESCRIPTORS} there is always room for them, so it says that this process is at
   * its limit of open descriptors or that a security module refused.
   */
  public boolean lacksDescriptors() {
    return (flags & MSG_CTRUNC) != 0;
  }

  /**
   * Whether the sender's credentials came, which {@link Sockets#PASS_CREDENTIALS} asks for. A
   * receive {@link Sockets#WITHOUT_DESCRIPTORS} has no room for more than that fact: uid and gid
   * are -1 then.
   */
  public boolean hasCredentials() {
    return credentials;
  }

  /** The sender's pid, where {@link #hasCredentials()}. */
  public int pid() {
    return pid;
  }

  /** The sender's uid, where {@link #hasCredentials()}. */
  public int uid() {
    return uid;
  }

  /** The sender's gid, where {@link #hasCredentials()}. */
  public int gid() {
    return gid;
  }

  /** The name of the datagram's sender; empty where it has none. */
  public byte[] senderName() {
    return readAddress(memory, NAME, nameLength);
  }

  /** Fills the header for a send; the answer is its address. */
  long toSend(long address, int length) {
    fill(address, length, nameLength, controlLength);
    return base;
  }

  /** Fills the header for a receive; the answer is its address. */
  long toReceive(long address, int size, boolean withDescriptors) {
    forgetReceived();
    fill(address, size, SOCKADDR_SIZE, withDescriptors ? CONTROL_SIZE : HEADER_ONLY);
    return base;
  }

  private void fill(long address, int length, int nameRoom, int controlRoom) {
    memory.putLong(VECTOR, address);
    memory.putLong(VECTOR + 8, length);
    memory.putLong(MSGHDR_NAME, nameRoom == 0 ? 0 : base + NAME);
    memory.putInt(MSGHDR_NAME_LENGTH, nameRoom);
    memory.putLong(MSGHDR_VECTOR_COUNT, 1);
    memory.putLong(MSGHDR_CONTROL, controlRoom == 0 ? 0 : base + CONTROL);
    memory.putLong(MSGHDR_CONTROL_LENGTH, controlRoom);
    memory.putInt(MSGHDR_FLAGS, 0);
  }

  private void forgetReceived() {
    descriptorCount = 0;
    flags = 0;
    credentials = false;
  }

  /** Reads what came, after a receive that did not fail. */
  void received() {
    nameLength = memory.getInt(MSGHDR_NAME_LENGTH);
    flags = memory.getInt(MSGHDR_FLAGS);
    long end = CONTROL + memory.getLong(MSGHDR_CONTROL_LENGTH);
    long at = CONTROL;
    while (at + CMSGHDR_SIZE <= end) {
      long length = memory.getLong(at);
      if (length < CMSGHDR_SIZE || at + length > end) {
        return; // cannot be: the kernel wrote it
      }
      if (memory.getInt(at + CMSGHDR_LEVEL) == SOL_SOCKET) {
        readControl(memory.getInt(at + CMSGHDR_TYPE), at + CMSGHDR_SIZE, length - CMSGHDR_SIZE);
      }
      at += align(length);
    }
  }

  private void readControl(int type, long data, long size) {
    if (type == SCM_RIGHTS) {
      int count = (int) (size / Integer.BYTES);
      memory.get(data, descriptors, descriptorCount, count);
      descriptorCount += count;
    } else if (type == SCM_CREDENTIALS) {
      credentials = true;
      boolean whole = size >= UCRED_SIZE;
      pid = whole ? memory.getInt(data) : 0;
      uid = whole ? memory.getInt(data + 4) : -1;
      gid = whole ? memory.getInt(data + 8) : -1;
    }
  }

  private static long align(long size) {
    return (size + 7) & ~7L;
  }

  /** Writes a {@code sockaddr_un}; the answer is its length. */
  static int writeAddress(Pointer memory, int at, byte[] name) {
    if (name.length > SOCKADDR_MOST_NAME) {
      throw new IllegalArgumentException(
          "a socket's name has at most " + SOCKADDR_MOST_NAME + " bytes: " + name.length);
    }
    memory.putShort(at, (short) AF_UNIX);
    memory.put(at + SOCKADDR_NAME, name, 0, name.length);
    int length = SOCKADDR_NAME + name.length;
    boolean path = name.length > 0 && name[0] != 0;
    if (path && name.length < SOCKADDR_MOST_NAME) {
      memory.putByte(at + length, (byte) 0);
      length++;
    }
    return length;
  }

  /** Reads the name of a {@code sockaddr_un} of this length. */
  static byte[] readAddress(Pointer memory, int at, int addressLength) {
    int length = Math.min(addressLength - SOCKADDR_NAME, SOCKADDR_MOST_NAME);
    if (length <= 0) {
      return NO_NAME;
    }
    byte[] name = new byte[length];
    memory.get(at + SOCKADDR_NAME, name, 0, length);
    if (name[0] == 0) {
      return name;
    }
    int end = 0;
    while (end < length && name[end] != 0) {
      end++;
    }
    return end == length ? name : Arrays.copyOf(name, end);
  }
}
