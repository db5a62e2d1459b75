/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.flow.LoopHandle;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The datagram socket that a service sends its messages to. Its name is an abstract one of the
 * kernel's choice, so that no file is left whatever happens to this JVM. Anybody of the network
 * namespace can send to it: who did, the kernel says with each message.
 *
 * <p>Messages are handled in their order, one at a time; while the sender of one is looked up
 * elsewhere, nothing is read, and the kernel makes senders wait. Descriptors that come with a
 * message are closed when it has been handled, which is all that a barrier asks for. On the loop.
 */
final class NotifySocket extends LoopHandle {
  /** Then other descriptors of the loop have their turn. */
  private static final int MESSAGES_PER_TURN = 64;

  /** What is still read once the child is gone: more than a queue holds, so strangers' work. */
  static final int MOST_MESSAGES_AFTER_THE_END = 1024;

  private static final int EAGAIN = -Errno.EAGAIN.intValue();
  private static final int EINTR = -Errno.EINTR.intValue();
  private static final int[] NONE = {};

  private final Sockets sockets;
  private final Kernel kernel;
  private final String address;
  private @Nullable Receiver receiver;
  private boolean lookingUp;
  private boolean reading;
  private boolean left;

  /** Runs once nothing is left to be read; null until the child is gone. */
  private @Nullable Runnable whenEmpty;

  private int leftToRead = Integer.MAX_VALUE;

  /** What is made of the messages. All calls come on the loop. */
  interface Receiver {
    /** Whether a sender's messages count. */
    Access access(NotifySender sender);

    /** As {@link #access}, for {@link Access#ASK}. May block; not on the loop. */
    boolean look(NotifySender sender);

    /** A message of one whose messages count; its descriptors are closed behind this call. */
    void onMessage(byte[] bytes, NotifySender sender, int descriptors);

    /** A message was ignored. */
    void onIgnored(boolean oversize, int descriptors);

    /** Reading has failed; nothing follows. */
    void onFailure(Throwable failure);
  }

  /** An answer to the question whether a sender's messages count. */
  enum Access {
    YES,
    NO,
    /** It takes a look into {@code /proc} to say. */
    ASK
  }

  private NotifySocket(
      IoEventLoop loop, Descriptor socket, Sockets sockets, Kernel kernel, String address) {
    super(loop, socket);
    this.sockets = sockets;
    this.kernel = kernel;
    this.address = address;
  }

  /** A new socket, which messages can be sent to at once. Never blocks: no path is looked up. */
  static NotifySocket bind(Sockets sockets, Kernel kernel, IoEventLoop loop)
      throws SystemCallException {
    String purpose = "make a notify socket";
    Descriptor socket = Descriptor.own(kernel, sockets.open(SocketType.DATAGRAM, purpose));
    try {
      // Before there is a name: no message without its sender.
      check(sockets.setOption(socket.number(), Sockets.PASS_CREDENTIALS, 1), "setsockopt", purpose);
      check(sockets.autobind(socket.number()), "bind", purpose);
      String name = new String(sockets.name(socket.number()), StandardCharsets.ISO_8859_1);
      return new NotifySocket(loop, socket, sockets, kernel, "@" + name.substring(1));
    } catch (SystemCallException | RuntimeException | Error e) {
      socket.close();
      throw e;
    }
  }

  private static void check(int result, String call, String purpose) throws SystemCallException {
    if (result < 0) {
      throw new SystemCallException(call, -result, purpose);
    }
  }

  /** What the service finds in {@code NOTIFY_SOCKET}. */
  String address() {
    return address;
  }

  IoEventLoop loop() {
    return loop;
  }

  /** Puts it into epoll; what comes meanwhile waits in the kernel. */
  Mono<Void> watched() {
    return Mono.create(
        sink -> {
          try {
            loop.execute(
                () -> {
                  try {
                    if (!left) {
                      register(WATCH_READABLE);
                    }
                    sink.success();
                  } catch (SystemCallException e) {
                    close();
                    sink.error(e);
                  }
                });
          } catch (RejectedExecutionException shutDown) {
            descriptor.close();
            sink.error(shutDown);
          }
        });
  }

  /** Begins to read. On the loop. */
  void read(Receiver to) {
    receiver = to;
    drain(MESSAGES_PER_TURN);
  }

  /** Whether a message waits for its sender to be looked up. On the loop. */
  boolean isLookingUp() {
    return lookingUp;
  }

  /** Reads what there is by now, before something is decided that a message could change. */
  void catchUp() {
    drain(MOST_MESSAGES_AFTER_THE_END);
  }

  /** Reads what is left, closes, and runs this. On the loop; at the end of the child. */
  void finish(Runnable then) {
    if (left) {
      then.run();
      return;
    }
    whenEmpty = then;
    leftToRead = MOST_MESSAGES_AFTER_THE_END;
    drain(MESSAGES_PER_TURN);
  }

  /** Closes without a word. Any thread; repeating does nothing. */
  void abandon() {
    onLoop(
        () -> {
          left = true;
          leave();
        });
  }

  @Override
  protected void onReady(int bits) {
    drain(MESSAGES_PER_TURN);
  }

  private void drain(int most) {
    if (receiver == null || reading) {
      return;
    }
    reading = true;
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(NotificationParser.MOST_BYTES);
    try {
      readUpTo(most, buffer);
    } finally {
      reading = false;
      buffer.release();
    }
  }

  private void readUpTo(int most, ByteBuf buffer) {
    for (int count = 0; !left && !lookingUp; count++) {
      if (leftToRead == 0) {
        empty();
      } else if (count == most) {
        readOn();
        return;
      } else if (!readOne(buffer)) {
        return;
      }
    }
  }

  /** In a later turn: through epoll, which looks at the state of now. */
  private void readOn() {
    try {
      submit(WATCH_READABLE);
    } catch (SystemCallException e) {
      fail(e);
    }
  }

  /** Whether there may be more. */
  private boolean readOne(ByteBuf buffer) {
    SocketMessage message = SocketMessage.ofThread().clear();
    int size = NotificationParser.MOST_BYTES;
    long address = SocketMessage.addressOf(buffer, 0);
    int length = sockets.receive(descriptor.number(), address, size, 0, message);
    if (length == EINTR) {
      return true;
    }
    if (length == EAGAIN) {
      empty();
      return false;
    }
    if (length < 0) {
      fail(new SystemCallException("recvmsg", -length, "receive a notification"));
      return false;
    }
    leftToRead--;
    int[] descriptors = descriptors(message);
    NotifySender sender = new NotifySender(message.pid(), message.uid(), message.gid());
    if (!message.hasCredentials()) {
      ignore(false, descriptors); // cannot be: they were asked for before there was a name
      return true;
    }
    boolean oversize = message.isTruncated();
    Access access = receiver().access(sender);
    if (access == Access.NO || oversize) {
      ignore(access != Access.NO, descriptors);
      return true;
    }
    byte[] bytes = new byte[length];
    buffer.getBytes(0, bytes);
    if (access == Access.YES) {
      deliver(bytes, sender, descriptors);
    } else {
      lookUp(bytes, sender, descriptors);
    }
    return true;
  }

  private static int[] descriptors(SocketMessage message) {
    int count = message.descriptorCount();
    if (count == 0) {
      return NONE;
    }
    int[] descriptors = new int[count];
    for (int i = 0; i < count; i++) {
      descriptors[i] = message.descriptor(i);
    }
    return descriptors;
  }

  private Receiver receiver() {
    return Objects.requireNonNull(receiver);
  }

  private void deliver(byte[] bytes, NotifySender sender, int[] descriptors) {
    try {
      receiver().onMessage(bytes, sender, descriptors.length);
    } finally {
      closeAll(descriptors);
    }
  }

  private void ignore(boolean oversize, int[] descriptors) {
    closeAll(descriptors);
    receiver().onIgnored(oversize, descriptors.length);
  }

  private void closeAll(int[] descriptors) {
    for (int number : descriptors) {
      kernel.close(number);
    }
  }

  private void lookUp(byte[] bytes, NotifySender sender, int[] descriptors) {
    lookingUp = true;
    try {
      Schedulers.boundedElastic()
          .schedule(() -> lookedUp(bytes, sender, descriptors, receiver().look(sender)));
    } catch (RejectedExecutionException full) {
      lookingUp = false;
      ignore(false, descriptors);
    }
  }

  private void lookedUp(byte[] bytes, NotifySender sender, int[] descriptors, boolean accepted) {
    try {
      loop.execute(
          () -> {
            lookingUp = false;
            if (accepted && !left) {
              deliver(bytes, sender, descriptors);
            } else {
              ignore(false, descriptors);
            }
            drain(MESSAGES_PER_TURN);
          });
    } catch (RejectedExecutionException shutDown) {
      closeAll(descriptors);
    }
  }

  private void empty() {
    Runnable then = whenEmpty;
    if (then != null) {
      whenEmpty = null;
      left = true;
      leave();
      then.run();
    }
  }

  private void fail(Throwable failure) {
    if (left) {
      return;
    }
    left = true;
    leave();
    Receiver to = receiver;
    if (to != null) {
      to.onFailure(failure);
    }
    Runnable then = whenEmpty;
    if (then != null) {
      whenEmpty = null;
      then.run();
    }
  }

  /** Netty closes the loop. */
  @Override
  public void close() {
    fail(new IOException("the event loop was shut down"));
  }
}
