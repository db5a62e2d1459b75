/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.Command;
import io.reactorproc.ProcessRuntime;
import io.reactorproc.Termination;
import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.TextDecoding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * All that a {@link Script} says besides its text; changed only on a fresh copy by {@link #with}.
 */
final class ScriptSettings implements Cloneable {
  @Nullable Path directory;
  boolean emptyEnvironment;

  /** Set, or removed where the value is empty. Never changed itself. */
  Map<String, Optional<String>> changes = Map.of();

  IntPredicate success = status -> status == 0;
  Termination termination = Termination.graceful();
  @Nullable Duration timeout;
  int captureLimit = 16 * 1024 * 1024;
  Records records = Records.lines();
  TextDecoding decoding = TextDecoding.utf8();
  @Nullable ProcessRuntime runtime;

  ScriptSettings with(Consumer<ScriptSettings> change) {
    ScriptSettings copy;
    try {
      copy = (ScriptSettings) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e); // it is Cloneable
    }
    change.accept(copy);
    return copy;
  }

  ScriptSettings withVariable(String name, Optional<String> value) {
    return with(
        s -> {
          Map<String, Optional<String>> more = new LinkedHashMap<>(changes);
          more.put(name, value);
          s.changes = more;
        });
  }

  /** Where relative paths start. */
  Path base() {
    return directory == null ? Path.of("") : directory;
  }

  /** What parameters become: the environment as commands get it. */
  Map<String, String> variables() {
    Map<String, String> variables =
        emptyEnvironment ? new LinkedHashMap<>() : new LinkedHashMap<>(System.getenv());
    changes.forEach(
        (name, value) ->
            value.ifPresentOrElse(v -> variables.put(name, v), () -> variables.remove(name)));
    return variables;
  }

  /** What a command gets of all this by itself, in a pipeline, too. */
  Command configure(Command command) {
    Command changed = emptyEnvironment ? command.clearEnv() : command;
    for (Map.Entry<String, Optional<String>> change : changes.entrySet()) {
      String name = change.getKey();
      Optional<String> value = change.getValue();
      changed = value.isPresent() ? changed.env(name, value.get()) : changed.withoutEnv(name);
    }
    return directory == null ? changed : changed.directory(directory);
  }
}
