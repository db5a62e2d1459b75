/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Fifos;
import io.reactorproc.ipc.sys.Fifos.Access;
import io.reactorproc.ipc.sys.Kernel;
import java.nio.file.Path;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A named pipe: a path by which processes that know nothing else of each other are joined. A value;
 * it holds nothing open.
 *
 * <p>All that looks at the path runs on {@link Schedulers#boundedElastic()}, and no thread waits
 * for the other side. A symbolic link at the path is never followed, and what is no FIFO is never
 * read or written; both, and what else can be wrong, are {@link FifoException}s, the failure of a
 * descriptor later on is a {@link io.reactorproc.ipc.sys.SystemCallException}.
 */
public final class Fifo {
  private static final int PERMISSIONS = 0600;

  private final Path path;
  private final FifoFiles files;
  private final EventLoops loops;

  Fifo(Path path, FifoFiles files, EventLoops loops) {
    this.path = path;
    this.files = files;
    this.loops = loops;
  }

  /**
   * Makes a FIFO that its owner alone may use: mode 0600, whatever the umask. Each subscription
   * makes it, so that a second one fails with {@link FifoException.Reason#EXISTS}. It stays until
   * {@link #remove()}.
   */
  public static Mono<Fifo> create(Path path) {
    Fifo fifo = at(path);
    return Mono.fromCallable(
            () -> {
              fifo.files.make(PERMISSIONS);
              return fifo;
            })
        .subscribeOn(Schedulers.boundedElastic());
  }

  /** A FIFO that is there, or will be by the time of its use, when it is looked at. */
  public static Fifo at(Path path) {
    Objects.requireNonNull(path, "path");
    return new Fifo(
        path, new FifoFiles(path, Fifos.system(), Kernel.system()), EventLoops.shared());
  }

  /** The same on other event loops. */
  public Fifo on(EventLoops other) {
    return new Fifo(path, files, Objects.requireNonNull(other, "other"));
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /**
   * Reads from the next writer, and whoever else opens it meanwhile, until the last of them has
   * gone.
   *
   * <ul>
   *   <li><b>Start:</b> opened at the subscription; it need not have a writer yet. Each
   *       subscription opens it anew. Of two at once each gets what the other does not.
   *   <li><b>Demand, threads, buffers:</b> as {@link DescriptorStreams#read(Descriptor)}.
   *   <li><b>End:</b> {@code onComplete} when the last writer closed it and all was read.
   *   <li><b>Cancel:</b> closes it, so that a writer gets SIGPIPE ({@code EPIPE}).
   * </ul>
   */
  public Flux<ByteBuf> read() {
    return read(Access.READ);
  }

  /**
   * As {@link #read()}, but writers may come and go: it ends by cancel only. It is opened to be
   * written, too, so it takes that permission, and a writer never waits for a reader nor gets
   * SIGPIPE while this one reads.
   */
  public Flux<ByteBuf> readForever() {
    return read(Access.READ_WRITE);
  }

  private Flux<ByteBuf> read(Access access) {
    return new FifoOpening(files, access)
        .flatMapMany(descriptor -> DescriptorStreams.read(descriptor, loops));
  }

  /**
   * Opens it to be written, as soon as somebody reads.
   *
   * <p>Until then the kernel refuses ({@code ENXIO}) and is asked again, after 1 ms and then after
   * ever longer pauses up to 100 ms: nothing tells of a reader that waits inside its own {@code
   * open(2)}. No thread is held meanwhile. It may take for ever; {@code timeout} limits it, and a
   * cancel ends it. Each subscription opens it anew. The sink is delivered on an event loop and is
   * its user's to {@linkplain ByteSink#close() close}; that closes our end, after which readers see
   * the end of file unless others write.
   */
  public Mono<ByteSink> write() {
    return new FifoOpening(files, Access.WRITE)
        .flatMap(descriptor -> DescriptorStreams.write(descriptor, loops));
  }

  /**
   * Removes it from the file system. Who has it open keeps it.
   *
   * @return empty; {@link FifoException.Reason#MISSING} where it is gone, {@link
   *     FifoException.Reason#NOT_A_FIFO} where something else has taken its place, which is left
   *     alone
   */
  public Mono<Void> remove() {
    return Mono.<Void>fromCallable(
            () -> {
              files.remove();
              return null;
            })
        .subscribeOn(Schedulers.boundedElastic());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fifo that && path.equals(that.path);
  }

  @Override
  public int hashCode() {
    return path.hashCode();
  }

  @Override
  public String toString() {
    return "Fifo[" + path + "]";
  }
}
