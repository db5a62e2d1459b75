/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.LentDescriptor;
import io.reactorproc.Output;
import io.reactorproc.Stdin;
import java.nio.file.Path;

/** Where one descriptor leads. Two of them lead to the same place if they are the same object. */
sealed interface Slot {

  /** Nothing comes, and what goes is dropped: {@code /dev/null}. */
  record Nothing() implements Slot {}

  /** The pipe to the next stage, or from the one before, which a {@code Pipeline} makes. */
  final class Joined implements Slot {}

  /** Something open, for several commands. */
  record Shared(LentDescriptor descriptor) implements Slot {}

  /** A file that is to be opened. */
  record ToOpen(Path path, Redirect.Kind kind) implements Slot {}

  /** Bytes from Java. */
  record Input(Stdin stdin) implements Slot {}

  /** Whatever the caller gave for {@code > {}}. */
  record Target(Output output) implements Slot {}

  Slot NOTHING = new Nothing();
  Slot TO_NEXT = new Joined();
  Slot FROM_BEFORE = new Joined();
}
