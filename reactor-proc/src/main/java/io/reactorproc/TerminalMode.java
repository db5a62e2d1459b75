/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.TerminalAttributes;

/**
 * What a terminal does between the keys and the program that reads it: {@code termios(3)}. A value.
 *
 * @param input what happens to what is typed
 * @param echo whether it is shown
 */
public record TerminalMode(Input input, Echo echo) {
  /** What happens to what is typed. */
  public enum Input {
    /**
     * Lines can be edited until Enter hands them over, Ctrl-C, Ctrl-\ and Ctrl-Z send signals,
     * Ctrl-D is the end of file, and a newline that is written becomes CR LF. The kernel cuts a
     * line of more than 4095 bytes.
     */
    COOKED,
    /** Each byte passes as it is, in both directions. */
    RAW
  }

  /** Whether what is typed is shown: it comes back in the output then. */
  public enum Echo {
    /** It is shown. */
    ON,
    /** It is not, as for a password. */
    OFF
  }

  /** As a terminal is when it is new: cooked, with echo. */
  public static TerminalMode cooked() {
    return new TerminalMode(Input.COOKED, Echo.ON);
  }

  /** As a screen editor wants it: raw, without echo. */
  public static TerminalMode raw() {
    return new TerminalMode(Input.RAW, Echo.OFF);
  }

  /** The same with echo. */
  public TerminalMode withEcho() {
    return new TerminalMode(input, Echo.ON);
  }

  /** The same without echo. */
  public TerminalMode withoutEcho() {
    return new TerminalMode(input, Echo.OFF);
  }

  static TerminalMode of(TerminalAttributes attributes) {
    return new TerminalMode(
        attributes.isCooked() ? Input.COOKED : Input.RAW, attributes.echoes() ? Echo.ON : Echo.OFF);
  }

  TerminalAttributes applyTo(TerminalAttributes attributes) {
    TerminalAttributes changed =
        switch (input) {
          case COOKED -> attributes.cooked();
          case RAW -> attributes.raw();
        };
    return switch (echo) {
      case ON -> changed.withEcho();
      case OFF -> changed.withoutEcho();
    };
  }
}
