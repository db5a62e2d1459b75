/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.TextDecoding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All that a {@link Command} says, or a {@link Pipeline} as a whole; changed only on a fresh copy
 * by {@link #with} and never after that.
 */
final class Settings implements Cloneable {
  /** Nothing is set. */
  static final Settings DEFAULT = new Settings();

  List<String> argv = List.of();
  @Nullable String argv0;
  @Nullable Path directory;
  Environment environment = Environment.INHERITED;
  Map<Integer, Stdin> inputs = Map.of();
  Map<Integer, Output> outputs = Map.of();
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
  Life life = Life.WITH_JVM;
  int pipeCapacity;
  @Nullable Pty pty;
  @Nullable ProcessRuntime runtime;

  enum Group {
    OWN,
    INHERITED
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
    return copy;
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
          s.life = whole.life;
          s.pipeCapacity = whole.pipeCapacity;
          s.runtime = whole.runtime;
        });
  }

  static <V> Map<Integer, V> put(Map<Integer, V> map, int descriptor, V value) {
    Map<Integer, V> more = new TreeMap<>(map);
    more.put(descriptor, value);
    return more;
  }

  Stdin input(int descriptor) {
    return inputs.getOrDefault(descriptor, Stdin.empty());
  }

  Output output(int descriptor) {
    return outputs.getOrDefault(descriptor, Output.standard());
  }

  ProcessRuntime runtimeOrShared() {
    return runtime == null ? ProcessRuntime.shared() : runtime;
  }
}
