/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Where a child's output goes: its stdout or stderr, or another descriptor that it writes. An
 * immutable value.
 */
public sealed interface Output {

  /**
   * What the way to run wants, the default: a stream for {@code lines}, {@code bytes}, {@code
   * events} and {@code start}, captured for {@code output} and {@code text}; elsewhere stdout is
   * discarded, and of stderr head and tail are kept for the error.
   */
  static Output standard() {
    return Standard.INSTANCE;
  }

  /** Nowhere: {@code /dev/null}. */
  static Output discard() {
    return Discard.INSTANCE;
  }

  /** The JVM's own stdout or stderr; for descriptors 1 and 2 only. */
  static Output inherit() {
    return Inherit.INSTANCE;
  }

  /** A file, created with mode 0666 less the umask, or truncated; the child writes it by itself. */
  static Output file(Path file) {
    return new ToFile(Strings.checkPath(file, "the file of an output"), Mode.TRUNCATE);
  }

  /** A file, created or appended to ({@code O_APPEND}); the child writes it by itself. */
  static Output append(Path file) {
    return new ToFile(Strings.checkPath(file, "the file of an output"), Mode.APPEND);
  }

  /** A descriptor of the JVM's, which several children may write to. */
  static Output lent(LentDescriptor descriptor) {
    return new Lent(Objects.requireNonNull(descriptor, "descriptor"));
  }

  /** The same pipe or file as stdout, in true order; for stderr only: {@code 2>&1}. */
  static Output stdout() {
    return Merged.INSTANCE;
  }

  /**
   * As {@link #standard()}, and a copy of every chunk to each target before it is delivered. The
   * targets are written on Reactor's bounded elastic scheduler; a slow one slows the child down. A
   * target that fails ends the run with its error.
   */
  static Output tee(OutputTarget... targets) {
    if (targets.length == 0) {
      throw new InvalidCommandException("a tee needs at least one target");
    }
    return new Tee(List.of(targets));
  }

  /** How a file is opened. */
  enum Mode {
    /** {@code O_TRUNC}. */
    TRUNCATE,
    /** {@code O_APPEND}. */
    APPEND
  }

  /** By the way to run. */
  enum Standard implements Output {
    /** The only one. */
    INSTANCE
  }

  /** {@code /dev/null}. */
  enum Discard implements Output {
    /** The only one. */
    INSTANCE
  }

  /** The JVM's descriptor. */
  enum Inherit implements Output {
    /** The only one. */
    INSTANCE
  }

  /** Where stdout goes. */
  enum Merged implements Output {
    /** The only one. */
    INSTANCE
  }

  /** A file opened for the child. */
  record ToFile(Path file, Mode mode) implements Output {}

  /** A descriptor of somebody else's. */
  record Lent(LentDescriptor descriptor) implements Output {}

  /** Copies on the way. */
  record Tee(List<OutputTarget> targets) implements Output {}
}
