/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.ipc.flow.WriteQueue;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.TerminalKey;
import io.reactorproc.ipc.sys.TerminalSize;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The terminal that a live child runs on, from outside: what a window and a keyboard would do. What
 * is typed and what is shown are {@link RunningProcess#stdin()} and {@link
 * RunningProcess#stdout()}.
 *
 * <p>Each {@code Mono} acts when it is subscribed, may be repeated, and answers on the child's
 * event loop; cancelling it does nothing. An error of a system call is a {@link
 * SystemCallException}. May be used from any thread.
 */
public final class ProcessTerminal {
  private final Child child;
  private final TerminalPort port;
  private final WriteQueue typed;

  ProcessTerminal(Child child, TerminalPort port, WriteQueue typed) {
    this.child = child;
    this.port = port;
    this.typed = typed;
  }

  /** Its name, such as {@code /dev/pts/7}; others may get it once the child is gone. */
  public String name() {
    return port.name();
  }

  /**
   * Changes the size of the window. Where it is a change, the kernel sends SIGWINCH to the programs
   * in the foreground of the terminal.
   *
   * @return false where the child is gone or the terminal was hung up
   */
  public Mono<Boolean> resize(TerminalSize size) {
    Objects.requireNonNull(size, "size");
    return onLoop(() -> port.resize(size));
  }

  /** As {@link #resize(TerminalSize)}, in characters. */
  public Mono<Boolean> resize(int columns, int rows) {
    return resize(TerminalSize.of(columns, rows));
  }

  /** The size of the window; empty where the child is gone or the terminal was hung up. */
  public Mono<TerminalSize> size() {
    return onLoop(() -> port.size().orElse(null));
  }

  /**
   * Changes the mode. The programs on the terminal do that as well: editors and shells set their
   * own whenever they read.
   *
   * @return false where the child is gone or the terminal was hung up
   */
  public Mono<Boolean> mode(TerminalMode mode) {
    Objects.requireNonNull(mode, "mode");
    return onLoop(() -> port.mode(mode));
  }

  /**
   * The mode that it has now. That a program has turned the echo off is how to know that it asks
   * for a password. Empty where the child is gone or the terminal was hung up.
   */
  public Mono<TerminalMode> mode() {
    return onLoop(() -> port.mode().orElse(null));
  }

  /**
   * Presses the key that interrupts, usually Ctrl-C, ahead of what waits to be written. In cooked
   * mode the programs in the foreground get SIGINT, and what was typed and not yet read is dropped;
   * in raw mode the character is read like others.
   *
   * @return false where the child is gone, the terminal was hung up or has no such key, or where in
   *     raw mode it is full because nobody reads
   */
  public Mono<Boolean> interrupt() {
    return onLoop(() -> press(TerminalKey.INTERRUPT));
  }

  /** Presses the key that quits, usually Ctrl-\: SIGQUIT; as {@link #interrupt()}. */
  public Mono<Boolean> quit() {
    return onLoop(() -> press(TerminalKey.QUIT));
  }

  /**
   * Presses the key that suspends, usually Ctrl-Z: SIGTSTP; as {@link #interrupt()}. The jobs of a
   * shell on the terminal are stopped by it. The child itself is not, as the kernel stops nobody
   * for that whom no one in the same session could continue.
   */
  public Mono<Boolean> suspend() {
    return onLoop(() -> press(TerminalKey.SUSPEND));
  }

  /**
   * Presses the key for the end of the input, usually Ctrl-D, after all that was to be written
   * before. It is pressed twice where the last line is not complete, as the first one only hands
   * that over. In raw mode there is no such key, and nothing is written. The terminal stays open: a
   * shell reads on when the program that it runs has seen its end.
   */
  public Mono<WriteOutcome> endOfInput() {
    return typed.write(
        Mono.<ByteBuf>fromSupplier(() -> port.endOfInput(typed.channel().lastByte())));
  }

  private boolean press(TerminalKey key) throws SystemCallException {
    return port.press(key, typed.channel());
  }

  private <T> Mono<T> onLoop(Action<T> action) {
    return Mono.create(
        sink ->
            child
                .loop()
                .execute(
                    () -> {
                      try {
                        sink.success(action.run());
                      } catch (SystemCallException e) {
                        sink.error(e);
                      }
                    }));
  }

  /** Such as {@code /dev/pts/7}. */
  @Override
  public String toString() {
    return port.name();
  }

  @FunctionalInterface
  private interface Action<T> {
    @Nullable T run() throws SystemCallException;
  }
}
