/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.cgroup.Cgroups;
import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.TextDecoding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All that a {@link Command} says, or a {@link Pipeline} as a whole; changed only on a fresh copy
 * by {@link #with} and never after that.
 */
final class Settings implements Cloneable {
  /** Nothing is set. */
  static final Settings DEFAULT = new Settings();

  @Nullable String name;
  List<String> argv = List.of();
  @Nullable String argv0;
  @Nullable Path directory;
  Environment environment = Environment.INHERITED;
  Set<String> pidVariables = Set.of();
  Map<Integer, Stdin> inputs = Map.of();
  Map<Integer, Output> outputs = Map.of();
  Map<Integer, Channel> channels = Map.of();
  @Nullable ExitPolicy policy;
  Termination termination = Termination.graceful();
  @Nullable Duration timeout;
  @Nullable Duration idleTimeout;
  @Nullable Duration startTimeout;
  Duration outputGrace = Duration.ofSeconds(1);
  int captureLimit = 16 * 1024 * 1024;
  Records records = Records.lines();
  TextDecoding decoding = TextDecoding.utf8();
  Group group = Group.OWN;
  boolean foreground;
  Life life = Life.WITH_JVM;
  int pipeCapacity;
  @Nullable Cgroups cgroups;
  @Nullable Pty pty;
  @Nullable ProcessRuntime runtime;

  enum Group {
    OWN,
    INHERITED,
    SESSION
  }

  enum Life {
    WITH_JVM,
    DETACHED
  }

  Settings with(Consumer<Settings> change) {
    Settings copy;
    try {
      copy = (Settings) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e); // it is Cloneable
    }
    change.accept(copy);
    copy.checkForeground();
    return copy;
  }

  private void checkForeground() {
    if (foreground && group != Group.OWN) {
      throw new InvalidCommandException(
          group == Group.SESSION
              ? "a new session has no terminal, and so no foreground"
              : "only a process group of its own can be put into the foreground");
    }
    if (foreground && pty != null) {
      throw new InvalidCommandException(
          "a child on a terminal of its own cannot have the foreground of this one");
    }
    if (foreground && life == Life.DETACHED) {
      throw new InvalidCommandException(
          "a detached child would keep the foreground of the terminal when the JVM is gone");
    }
  }

  static void checkCaptureLimit(int bytes) {
    if (bytes < 0) {
      throw new InvalidCommandException("a capture limit cannot be negative: " + bytes);
    }
  }

  static void checkPipeCapacity(int bytes) {
    if (bytes <= 0) {
      throw new InvalidCommandException("a pipe's capacity must be positive: " + bytes);
    }
  }

  /** These settings of one stage, under those of the pipeline as a whole. */
  Settings within(Settings whole) {
    return with(
        s -> {
          s.idleTimeout = whole.idleTimeout;
          s.outputGrace = whole.outputGrace;
          s.termination = whole.termination;
          s.captureLimit = whole.captureLimit;
          s.records = whole.records;
          s.decoding = whole.decoding;
          s.group = whole.group;
          s.foreground = whole.foreground;
          s.life = whole.life;
          s.pipeCapacity = whole.pipeCapacity;
          s.cgroups = whole.cgroups;
          s.runtime = whole.runtime;
        });
  }

  /** The environment that was set, with what the channels announce. */
  Environment announcedEnvironment() {
    Environment announced = environment;
    for (Map.Entry<Integer, Channel> channel : channels.entrySet()) {
      String name = channel.getValue().variable().orElse(null);
      if (name != null) {
        announced = announced.with(name, channel.getValue().announcement(channel.getKey()));
      }
    }
    return announced;
  }

  static Set<String> add(Set<String> names, String name) {
    Set<String> more = new TreeSet<>(names);
    more.add(name);
    return more;
  }

  static <V> Map<Integer, V> put(Map<Integer, V> map, int descriptor, V value) {
    Map<Integer, V> more = new TreeMap<>(map);
    more.put(descriptor, value);
    return more;
  }

  Stdin input(int descriptor) {
    return inputs.getOrDefault(
        descriptor, foreground && descriptor == 0 ? Stdin.inherit() : Stdin.empty());
  }

  Output output(int descriptor) {
    return outputs.getOrDefault(descriptor, Output.standard());
  }

  ProcessRuntime runtimeOrShared() {
    return runtime == null ? ProcessRuntime.shared() : runtime;
  }
}
