/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.Command;
import io.reactorproc.shell.Node.Assignment;
import io.reactorproc.shell.Node.Redirectable;
import io.reactorproc.shell.Node.Simple;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Makes commands of the tree: expands words, and takes in redirects and settings. */
final class CommandPlanner {
  /** Stands for the program of no name, which no {@link Command} can have: never there either. */
  private static final String NO_PROGRAM = "/dev/null/''";

  private final Values values;
  private final ScriptSettings settings;
  private final Map<String, String> variables;
  private final Expander expander;
  private final Path directory;

  CommandPlanner(Values values, ScriptSettings settings) {
    this.values = values;
    this.settings = settings;
    this.variables = settings.variables();
    this.expander = new Expander(values, variables);
    this.directory = settings.base();
  }

  /**
   * What is known of a command without a look at the file system.
   *
   * @param fields the program and its arguments, before globs
   */
  record Draft(
      List<Field> fields, Map<String, String> assignments, Redirects redirects, Streams base) {
    /** Whether directories have to be read or files be opened, which may take its time. */
    boolean needsFiles() {
      return fields.stream().anyMatch(Field::isGlob) || !redirects.overridden().isEmpty();
    }
  }

  Draft draft(Simple node, Streams streams) throws CannotOpenException {
    Map<String, String> assignments = new LinkedHashMap<>();
    for (Assignment assignment : node.assignments()) {
      assignments.put(assignment.name(), expander.text(assignment.value()));
    }
    return new Draft(expander.fields(node.words()), assignments, redirects(node, streams), streams);
  }

  Redirects redirects(Redirectable node, Streams streams) throws CannotOpenException {
    return Redirects.apply(node.redirects(), streams, expander, values, directory);
  }

  /** The command, made on this thread where nothing can block. */
  Mono<CommandPlan> plan(Simple node, Streams streams) {
    return Mono.fromCallable(() -> draft(node, streams))
        .flatMap(
            draft -> {
              Mono<CommandPlan> plan = Mono.fromCallable(() -> plan(draft));
              return draft.needsFiles() ? plan.subscribeOn(Schedulers.boundedElastic()) : plan;
            });
  }

  /** Reads directories, and so may block. */
  CommandPlan plan(Draft draft) throws CannotOpenException {
    for (Slot.ToOpen file : draft.redirects().overridden()) {
      OpenFile.open(file).close();
    }
    List<String> argv = new Globs(directory).arguments(draft.fields());
    Command program = settings.configure(Command.of(orNothing(argv))).env(draft.assignments());
    return new CommandPlan(program, draft.redirects().streams(), draft.base());
  }

  /** Whether there is such a program, as far as can be told beforehand. */
  boolean isThere(Command program, Map<String, String> assignments) {
    String path = assignments.getOrDefault("PATH", variables.get("PATH"));
    return Programs.isThere(program.argv().get(0), path, directory);
  }

  /**
   * Where all words expanded to nothing, nothing is run and the status is 0, but redirects count;
   * {@code :} is the same by name.
   */
  private static List<String> orNothing(List<String> argv) {
    if (argv.isEmpty() || argv.get(0).equals(":")) {
      return List.of("true");
    }
    return argv.get(0).isEmpty() ? List.of(NO_PROGRAM) : argv;
  }
}
