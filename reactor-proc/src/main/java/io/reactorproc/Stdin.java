/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * Where a child's input comes from: its stdin, or another descriptor that it reads. An immutable
 * value; a command without one gives its children the empty input.
 */
public sealed interface Stdin {

  /** No input: {@code /dev/null}. The default. */
  static Stdin empty() {
    return Empty.INSTANCE;
  }

  /**
   * The JVM's own stdin. A child in its own process group, as is the default, that reads from a
   * terminal this way is stopped by SIGTTIN.
   */
  static Stdin inherit() {
    return Inherit.INSTANCE;
  }

  /** These bytes; the array must not be changed afterwards. */
  static Stdin bytes(byte[] bytes) {
    Objects.requireNonNull(bytes, "bytes");
    return new Published(Flux.defer(() -> Flux.just(Unpooled.wrappedBuffer(bytes))));
  }

  /**
   * These bytes as a sealed file in memory ({@code memfd_create(2)}), opened read-only at its first
   * byte: the child may seek in it, map it, or leave the rest of it; no event loop is kept busy
   * with it. It is copied for each child, off the loops, before that starts; to have that done once
   * for many children, see {@link MemoryInput}. For one that reads all of it once, {@link #bytes}
   * is sooner done, as there the copying and the reading go on at the same time. Where the system
   * has no such files, the bytes come through a pipe.
   *
   * <p>The bytes are held twice until the child has ended. The array must not be changed
   * afterwards.
   */
  static Stdin memory(byte[] bytes) {
    Objects.requireNonNull(bytes, "bytes");
    return new Memory(() -> List.of(ByteBuffer.wrap(bytes)), bytes.length, null);
  }

  /**
   * As {@link #memory(byte[])}, of what remains in these buffers, one after the other: together
   * they may hold more than the 2 GiB of an array. Neither they nor their content may be changed
   * afterwards.
   */
  static Stdin memory(ByteBuffer... pieces) {
    List<ByteBuffer> views = Arrays.stream(pieces).map(ByteBuffer::asReadOnlyBuffer).toList();
    return new Memory(() -> views, views.stream().mapToLong(ByteBuffer::remaining).sum(), null);
  }

  /**
   * As {@link #memory(byte[])}, of what is readable in this buffer, which stays its owner's: it is
   * neither moved nor released here, and a child that is started after its release is a failed
   * start.
   */
  static Stdin memory(ByteBuf bytes) {
    int from = bytes.readerIndex();
    int length = bytes.readableBytes();
    return new Memory(() -> List.of(bytes.nioBuffers(from, length)), length, null);
  }

  /** This text in UTF-8. */
  static Stdin text(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A file, which the child reads by itself; nothing passes through the JVM. It is opened on a
   * spawner thread, of which there are few: a FIFO without a writer holds one until a writer comes.
   */
  static Stdin file(Path file) {
    return new FromFile(Strings.checkPath(file, "the file of an input"));
  }

  /**
   * A descriptor of the JVM's, which several children may read one after the other: a file goes on
   * where the one before stopped, a pipe holds what that has not taken.
   */
  static Stdin lent(LentDescriptor descriptor) {
    return new Lent(Objects.requireNonNull(descriptor, "descriptor"));
  }

  /**
   * A descriptor of the JVM's by its number, such as a listening socket of Netty's. It stays its
   * owner's, who keeps it open while children are started with it; one that is closed is a failed
   * start.
   *
   * @param blocking whether {@code O_NONBLOCK} is taken from it at each start, which many programs
   *     expect. It is a flag of what is behind the descriptor, so that this JVM must not wait for
   *     it on an event loop any more
   */
  static Stdin descriptor(int number, boolean blocking) {
    if (number < 0) {
      throw new InvalidCommandException("not a descriptor's number: " + number);
    }
    return new Numbered(number, blocking);
  }

  /**
   * The buffers of a publisher, subscribed once per child, asked for as the child reads and
   * released after they are written. At its completion the child sees end of file; its error ends
   * the child and becomes the error of the run; it is cancelled as soon as the child reads no more.
   */
  static Stdin publisher(Publisher<? extends ByteBuf> buffers) {
    return new Published(Objects.requireNonNull(buffers, "buffers"));
  }

  /** The texts of a publisher in UTF-8, with nothing added between them; as {@link #publisher}. */
  static Stdin texts(Publisher<String> texts) {
    return new Published(
        Flux.from(texts)
            .map(text -> Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8))));
  }

  /**
   * A stream opened anew for each child, read on Reactor's bounded elastic scheduler and closed at
   * its end, or when the child reads no more (a {@code read} that blocks then is left to end).
   */
  static Stdin stream(Callable<? extends InputStream> opener) {
    return new Published(InputStreams.read(Objects.requireNonNull(opener, "opener")));
  }

  /**
   * A pipe that {@link RunningProcess#stdin()} writes to. Only for {@link Command#start()}: in the
   * other ways to run nobody could write.
   */
  static Stdin pipe() {
    return Piped.INSTANCE;
  }

  /** {@code /dev/null}. */
  enum Empty implements Stdin {
    /** The only one. */
    INSTANCE
  }

  /** The JVM's descriptor. */
  enum Inherit implements Stdin {
    /** The only one. */
    INSTANCE
  }

  /** A live writer. */
  enum Piped implements Stdin {
    /** The only one. */
    INSTANCE
  }

  /** A file opened for the child. */
  record FromFile(Path file) implements Stdin {}

  /** A descriptor of somebody else's. */
  record Lent(LentDescriptor descriptor) implements Stdin {}

  /** A descriptor that is open already. */
  record Numbered(int number, boolean blocking) implements Stdin {}

  /**
   * A file in memory.
   *
   * @param content views of the bytes, whose positions are not moved
   * @param length of all of them
   * @param shared where the file is kept for several launches; null where each makes its own
   */
  record Memory(Supplier<List<ByteBuffer>> content, long length, @Nullable MemoryInput shared)
      implements Stdin {
    /** The same bytes through a pipe, where a file would not do or cannot be had. */
    public Published pumped() {
      return new Published(
          Flux.defer(() -> Flux.fromIterable(content.get()).map(Unpooled::wrappedBuffer)));
    }
  }

  /** A publisher pumped into a pipe. */
  record Published(Publisher<? extends ByteBuf> buffers) implements Stdin {}
}
