/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** TODO. */
public final class Shell {
  private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private Shell() {}

  /** TODO. */
  public static Script sh(String script, @Nullable Object... values) {
    return new Script(Parsed.of(script, values), new ScriptSettings());
  }

  /**
   * This text as one word of a script, in quotes where it needs some; any POSIX shell reads it the
   * same way. Seldom needed: a value for <code>{}</code> is never read as a part of the script.
   *
   * @throws IllegalArgumentException if it holds a NUL character, which no argument can
   */
  public static String quote(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("an argument cannot hold a NUL character");
    }
    return NEEDS_NO_QUOTES.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
