/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.TerminalAttributes;
import io.reactorproc.ipc.sys.TerminalSize;
import io.reactorproc.ipc.sys.Terminals;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The terminal that we were started on, put into raw mode for a while and left as it was, also
 * where the JVM is ended meanwhile. It is opened anew, as {@code O_NONBLOCK} belongs to what was
 * opened: set on our stdin, it would be set for the shell that started us, too. For any thread.
 */
final class UserTerminal implements AutoCloseable {
  private static final String PATH = "/dev/tty";
  private static final int O_RDWR_NOCTTY = 2 | 0x100;
  private static final int SIGSTOP = 19;
  private static final TerminalSize UNKNOWN = TerminalSize.of(80, 24);

  private final Kernel kernel = Kernel.system();
  private final Terminals terminals = Terminals.system();
  private final Descriptor control;
  private final TerminalAttributes before;
  private final ScreenModes modes = new ScreenModes();
  private final Thread hook = new Thread(this::restore, "restore-terminal");

  /** What it is set to now. Guarded by this. */
  private boolean raw;

  private UserTerminal() throws SystemCallException {
    control = Descriptor.own(openAnew());
    try {
      before = terminals.attributes(control.number());
    } catch (SystemCallException e) {
      control.close();
      throw e;
    }
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Opens the controlling terminal of this process; {@code ENXIO} where there is none. */
  static UserTerminal open() throws SystemCallException {
    return new UserTerminal();
  }

  private int openAnew() throws SystemCallException {
    byte[] path = (PATH + "\0").getBytes(StandardCharsets.US_ASCII);
    return kernel.open(path, O_RDWR_NOCTTY, 0, "use the terminal " + PATH);
  }

  /** What is typed, by demand. Its end is that of the terminal. */
  Flux<ByteBuf> keys() {
    return Flux.defer(
        () -> {
          try {
            return DescriptorStreams.read(Descriptor.own(openAnew()));
          } catch (SystemCallException e) {
            return Flux.error(e);
          }
        });
  }

  /** Shows what a program writes, as fast as the terminal takes it. */
  Mono<Void> show(Flux<ByteBuf> bytes) {
    return Mono.usingWhen(
            screen(),
            sink -> sink.write(bytes.doOnNext(chunk -> modes.follow(chunk.nioBuffer()))),
            ByteSink::close)
        .then();
  }

  private Mono<ByteSink> screen() {
    return Mono.defer(
        () -> {
          try {
            return DescriptorStreams.write(Descriptor.own(openAnew()));
          } catch (SystemCallException e) {
            return Mono.error(e);
          }
        });
  }

  /** Its size, or the usual one where it does not know. */
  TerminalSize size() {
    try {
      TerminalSize size = terminals.size(control.number());
      return size.isKnown() ? size : UNKNOWN;
    } catch (SystemCallException e) {
      return UNKNOWN;
    }
  }

  /** Every key comes as it is typed, and what is written is shown as it is. */
  synchronized void raw() throws IOException {
    if (control.isOpen()) {
      terminals.setAttributes(control.number(), before.raw());
      raw = true;
    }
  }

  /** As {@link #raw()}, after {@link #stop()}. */
  synchronized void rawAgain() throws IOException {
    boolean undone = !raw;
    raw();
    if (undone) {
      write(modes.redo());
    }
  }

  /**
   * Stops this process with the terminal as it was before, as SIGTSTP would without a handler. When
   * this returns, it was continued; {@link #rawAgain()} is due then.
   */
  void stop() throws SystemCallException {
    restore();
    kernel.kill((int) ProcessHandle.current().pid(), SIGSTOP);
  }

  /** Leaves the terminal as it was. Repeating does nothing. */
  private synchronized void restore() {
    if (!raw) {
      return;
    }
    raw = false;
    try {
      write(modes.undo());
      terminals.setAttributes(control.number(), before);
    } catch (IOException e) {
      // The terminal is gone: nobody is left who could miss its mode.
    }
  }

  private static void write(String text) throws IOException {
    if (text.isEmpty()) {
      return;
    }
    try (FileOutputStream out = new FileOutputStream(PATH)) {
      out.write(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Override
  public void close() {
    restore();
    synchronized (this) {
      control.close();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM ends already, and the hook finds nothing to do.
    }
  }
}
