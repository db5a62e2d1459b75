/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the shell has and {@link Shell} does not, each with what to use instead. */
final class Unsupported {
  static final String COMMAND_SUBSTITUTION =
      "(command substitution) is not supported: run that command first and give its text as a"
          + " value for {}, or quote it if it is meant literally";

  static final String SPECIAL_PARAMETER =
      "is not supported: give a value for {}, or quote it if it is meant literally";

  static final String PARAMETER_FORM =
      "this form of ${...} is not supported: there are ${N}, ${#N}, ${N-w}, ${N:-w}, ${N+w} and"
          + " ${N:+w}; do the rest in Java and give a value for {}";

  private static final Map<String, String> COMMANDS = commands();

  private Unsupported() {}

  /** What to tell about this name of a command; null where it is a program like others. */
  static @Nullable String command(String name) {
    String instead = COMMANDS.get(name);
    return instead == null ? null : name + " is not supported: " + instead;
  }

  private static Map<String, String> commands() {
    Map<String, String> all = new HashMap<>();
    put(all, "set the directory with Script.directory", "cd", "pushd", "popd", "dirs");
    put(
        all,
        "set variables with Script.env, or before one command as NAME=value command",
        "export",
        "declare",
        "local",
        "readonly",
        "typeset");
    put(all, "remove variables with Script.withoutEnv", "unset");
    put(all, "subscribe to lines() and go on in Java", "read", "mapfile", "readarray", "select");
    put(all, "there are no options to set and no parameters", "set", "shopt", "shift", "getopts");
    put(all, "build the script before it is parsed", "eval");
    put(all, "run the file as a program, or with Command.shell", ".", "source");
    put(all, "leave it out", "exec", "command", "builtin");
    put(all, "let && and || decide, or sh -c 'exit N'", "exit", "return");
    put(all, "handle signals with Signals, and ends with doFinally", "trap");
    put(
        all,
        "there are no background jobs: subscribe to several scripts",
        "wait",
        "jobs",
        "fg",
        "bg",
        "disown",
        "coproc",
        "suspend");
    put(all, "set limits with prlimit(1) before the command", "ulimit");
    put(all, "set the mode of files with chmod or install -m", "umask");
    put(all, "write the command out", "alias", "unalias");
    put(all, "look in the PATH with which(1)", "type", "hash");
    put(all, "measure in Java: each status knows its wallTime()", "times");
    put(all, "write [ ... ] or test", "[[", "]]");
    put(all, "decide with && and ||, or in Java", "if", "then", "elif", "else", "fi");
    put(all, "choose in Java", "case", "esac");
    put(
        all,
        "loop in Java, as with Flux.fromIterable(...).concatMap, or use xargs",
        "for",
        "while",
        "until",
        "do",
        "done",
        "break",
        "continue",
        "in");
    put(all, "write a method in Java", "function");
    put(all, "calculate in Java and give the number as a value for {}", "let");
    return Map.copyOf(all);
  }

  private static void put(Map<String, String> all, String instead, String... names) {
    for (String name : names) {
      all.put(name, instead);
    }
  }
}
