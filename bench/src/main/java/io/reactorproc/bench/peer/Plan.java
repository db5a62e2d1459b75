/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a peer's program was told to do, from its {@code key=value} arguments.
 *
 * @param kind which workload
 * @param argv the child; {@code {}} stands for the amount
 * @param nanos for how long a round starts children
 * @param inFlight how many children run at a time
 * @param expect what a captured child writes, without the newline
 * @param amount bytes, lines, round trips or children of a round
 * @param form how lines are wanted: text, slices or batches
 * @param touch bytes of heap to fill before the first round
 * @param warmNanos how much processor time to warm up
 * @param warmAmount the amount of a round of the warm-up
 * @param warmProgram a program to start in the warm-up besides; empty for none
 */
record Plan(
    String kind,
    List<String> argv,
    long nanos,
    int inFlight,
    String expect,
    long amount,
    String form,
    long touch,
    long warmNanos,
    long warmAmount,
    String warmProgram) {

  static Plan parse(List<String> arguments) {
    Map<String, String> values = new HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("not key=value: " + argument);
      }
      values.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    return new Plan(
        values.getOrDefault("kind", ""),
        List.of(values.getOrDefault("argv", "").split(" ", -1)),
        number(values, "nanos"),
        Math.max(1, (int) number(values, "in-flight")),
        values.getOrDefault("expect", ""),
        number(values, "amount"),
        values.getOrDefault("form", "text"),
        number(values, "touch"),
        number(values, "warm-nanos"),
        number(values, "warm-amount"),
        values.getOrDefault("warm-program", ""));
  }

  private static long number(Map<String, String> values, String key) {
    return Long.parseLong(values.getOrDefault(key, "0"));
  }

  /** The child's argument vector, complete. */
  List<String> command() {
    List<String> command = new ArrayList<>(argv);
    command.replaceAll(word -> word.equals("{}") ? Long.toString(amount) : word);
    return command;
  }

  /** The argument vectors of a pipeline, which {@code |} divides. */
  List<List<String>> commands() {
    List<List<String>> commands = new ArrayList<>();
    commands.add(new ArrayList<>());
    for (String word : command()) {
      if (word.equals("|")) {
        commands.add(new ArrayList<>());
      } else {
        commands.get(commands.size() - 1).add(word);
      }
    }
    return commands;
  }

  /** A round of the warm-up: a fifth of the time, or another amount. */
  Plan warming() {
    return new Plan(
        kind,
        argv,
        nanos / 5,
        inFlight,
        expect,
        warmAmount,
        form,
        touch,
        warmNanos,
        warmAmount,
        warmProgram);
  }
}
