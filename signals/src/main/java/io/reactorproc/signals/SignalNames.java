/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of signal numbers, written and read. */
final class SignalNames {
  /** In the order of their numbers, from 1. */
  private static final List<String> STANDARD =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  private static final Pattern REAL_TIME =
      Pattern.compile("RT(?:MIN(?:\\+(?<up>\\d{1,2}))?|MAX(?:-(?<down>\\d{1,2}))?)");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,2}");

  private static final Map<String, Integer> NUMBERS = numbers();

  private SignalNames() {}

  static String of(int number) {
    if (number <= STANDARD.size()) {
      return "SIG" + STANDARD.get(number - 1);
    }
    if (number < Signal.FIRST_REAL_TIME) {
      return "SIG" + number;
    }
    return number == Signal.FIRST_REAL_TIME
        ? "SIGRTMIN"
        : "SIGRTMIN+" + (number - Signal.FIRST_REAL_TIME);
  }

  static Signal parse(String text) {
    int number = number(text);
    if (number < 1 || number > Signal.LAST) {
      throw new IllegalArgumentException(
          "not a signal: \""
              + text
              + "\"; a name (TERM, SIGTERM), a number from 1 to 64, or RTMIN+n or RTMAX-n is"
              + " wanted");
    }
    return Signal.of(number);
  }

  /** The number that is meant, or one outside 1 to 64 where none is. */
  private static int number(String text) {
    if (NUMBER.matcher(text).matches()) {
      return Integer.parseInt(text);
    }
    String upper = text.toUpperCase(Locale.ROOT);
    String name = upper.startsWith("SIG") ? upper.substring("SIG".length()) : upper;
    Matcher realTime = REAL_TIME.matcher(name);
    if (realTime.matches()) {
      return realTimeNumber(name, realTime);
    }
    return NUMBERS.getOrDefault(name, 0);
  }

  private static int realTimeNumber(String name, Matcher matched) {
    boolean fromMinimum = name.startsWith("RTMIN");
    String offset = matched.group(fromMinimum ? "up" : "down");
    int distance = offset == null ? 0 : Integer.parseInt(offset);
    int number = fromMinimum ? Signal.FIRST_REAL_TIME + distance : Signal.LAST - distance;
    // RTMAX-40 is the number of a standard signal, but nobody who writes it means that signal.
    return number >= Signal.FIRST_REAL_TIME ? number : 0;
  }

  private static Map<String, Integer> numbers() {
    Map<String, Integer> numbers = new HashMap<>();
    // What of() writes for the two signals that have no name of their own is read back, too.
    for (int number = 1; number < Signal.FIRST_REAL_TIME; number++) {
      numbers.put(of(number).substring("SIG".length()), number);
    }
    numbers.put("CLD", numbers.get("CHLD"));
    numbers.put("IOT", numbers.get("ABRT"));
    numbers.put("POLL", numbers.get("IO"));
    return Map.copyOf(numbers);
  }
}
