/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the text of one datagram: lines of {@code NAME=value}. For one use. */
final class NotificationParser {
  /** That of a pipe's atomic write, as the manager of systemd has it. */
  static final int MOST_BYTES = 4096;

  private final byte[] bytes;
  private final Map<String, String> values = new LinkedHashMap<>(4);
  private int malformed;

  NotificationParser(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The assignments; empty where the whole is none, or nothing in it is well-formed. */
  Map<String, String> parse() {
    int length = bytes.length;
    if (length > 0 && bytes[length - 1] == 0) {
      length--; // some count the NUL of their C string
    }
    for (int i = 0; i < length; i++) {
      if (bytes[i] == 0) {
        malformed++; // who cuts it here reads something else than who does not: neither is right
        return Map.of();
      }
    }
    int start = 0;
    while (start < length) {
      int end = start;
      while (end < length && bytes[end] != '\n') {
        end++;
      }
      if (end > start) {
        line(start, end);
      }
      start = end + 1;
    }
    return Collections.unmodifiableMap(values);
  }

  /** How many lines, or whole messages, were no assignment or had a value that cannot be. */
  int malformed() {
    return malformed;
  }

  private void line(int start, int end) {
    String text = decode(start, end);
    int equals = text == null ? -1 : text.indexOf('=');
    if (text == null || equals <= 0) {
      malformed++;
      return;
    }
    String name = text.substring(0, equals);
    String value = text.substring(equals + 1);
    if (!isValid(name, value)) {
      malformed++;
    } else {
      values.putIfAbsent(name, value);
    }
  }

  private @Nullable String decode(int start, int end) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, start, end - start))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static boolean isValid(String name, String value) {
    try {
      return switch (name) {
        case "READY", "RELOADING", "STOPPING", "FDSTORE", "FDSTOREREMOVE", "BARRIER" ->
            value.equals("1");
        case "WATCHDOG" -> value.equals("1") || value.equals("trigger");
        case "MAINPID" -> Integer.parseInt(value) > 0;
        case "ERRNO" -> Integer.parseInt(value) >= 0;
        case "WATCHDOG_USEC", "EXTEND_TIMEOUT_USEC", "MONOTONIC_USEC" ->
            !Micros.parse(value).isNegative();
        default -> true;
      };
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
