/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
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

  /** A publisher pumped into a pipe. */
  record Published(Publisher<? extends ByteBuf> buffers) implements Stdin {}
}
