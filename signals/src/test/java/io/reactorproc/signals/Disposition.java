/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** What the kernel says this process does with a signal: {@code /proc/self/status}. */
enum Disposition {
  DEFAULT,
  IGNORED,
  CAUGHT;

  static Disposition of(Signal signal) {
    if (has("SigIgn:", signal)) {
      return IGNORED;
    }
    return has("SigCgt:", signal) ? CAUGHT : DEFAULT;
  }

  /** Whether it was sent to this process, and nobody has taken it yet. */
  static boolean isPending(Signal signal) {
    return has("ShdPnd:", signal);
  }

  private static boolean has(String field, Signal signal) {
    try {
      String mask =
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith(field))
              .map(line -> line.substring(field.length()).strip())
              .findFirst()
              .orElseThrow();
      return (HexFormat.fromHexDigitsToLong(mask) >>> (signal.number() - 1) & 1) == 1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
