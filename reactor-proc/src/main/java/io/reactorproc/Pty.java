/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.TerminalSize;
import java.util.Objects;
import java.util.Optional;

/**
 * A pseudo-terminal for each child of a command: its size, its mode, and what kind of terminal the
 * programs shall take it for. An immutable value; {@link Command#pty(Pty)} tells what it does.
 */
public final class Pty {
  /** What most terminal emulators say they are, and what every terminfo database has. */
  static final String USUAL_TYPE = "xterm-256color";

  private final TerminalSize size;
  private final TerminalMode mode;
  private final Optional<String> type;

  private Pty(TerminalSize size, TerminalMode mode, Optional<String> type) {
    this.size = size;
    this.mode = mode;
    this.type = type;
  }

  /**
   * A terminal of this size in characters, cooked and with echo.
   *
   * @throws InvalidCommandException for a number that is not 1 to 65535
   */
  public static Pty of(int columns, int rows) {
    try {
      return of(TerminalSize.of(columns, rows));
    } catch (InvalidCommandException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new InvalidCommandException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * A terminal of this size, cooked and with echo.
   *
   * @throws InvalidCommandException if columns or rows are 0
   */
  public static Pty of(TerminalSize size) {
    if (!size.isKnown()) {
      throw new InvalidCommandException("a terminal has at least one column and one row");
    }
    return new Pty(size, TerminalMode.cooked(), Optional.empty());
  }

  /** The mode that the terminal has when the child starts; the child may change it. */
  public Pty mode(TerminalMode mode) {
    return new Pty(size, Objects.requireNonNull(mode, "mode"), type);
  }

  /** Starts in raw mode: {@link TerminalMode#raw()}. */
  public Pty raw() {
    return mode(TerminalMode.raw());
  }

  /** Starts without echo, so that the output does not begin with what was typed. */
  public Pty withoutEcho() {
    return mode(mode.withoutEcho());
  }

  /**
   * The kind of terminal, which becomes the child's {@code TERM}: that of whoever gets the output
   * and interprets its control sequences. Unless told, it is what the command's environment has
   * and, where that has none, {@code xterm-256color}; {@code dumb} asks programs for plain text.
   *
   * @throws InvalidCommandException if it is empty or holds a NUL
   */
  public Pty type(String term) {
    Strings.checkNoNul(term, "the type of a terminal");
    if (term.isEmpty()) {
      throw new InvalidCommandException("the type of a terminal is not empty");
    }
    return new Pty(size, mode, Optional.of(term));
  }

  TerminalSize size() {
    return size;
  }

  TerminalMode mode() {
    return mode;
  }

  /**
   * The environment of a program on this terminal. Nothing that the command itself says of these
   * variables is overruled. COLUMNS and LINES that the JVM inherited are those of another terminal,
   * and many programs believe them before they ask theirs.
   */
  Environment adapt(Environment environment) {
    Environment adapted = environment.withoutInherited("COLUMNS").withoutInherited("LINES");
    return type.isPresent()
        ? adapted.with("TERM", type.get())
        : adapted.withDefault("TERM", USUAL_TYPE);
  }
}
