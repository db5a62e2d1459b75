/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.Command;
import io.reactorproc.InvalidCommandException;
import io.reactorproc.ProcessRuntime;
import io.reactorproc.Termination;
import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.TextDecoding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Shell that has been read, with its values: see {@link Shell}. An immutable value, as a {@link
 * Command} is: each method answers a changed copy, and scripts may be run any number of times (with
 * the exception of one that reads an {@code InputStream}).
 *
 * <p>The last five methods run it. For all of them:
 *
 * <ul>
 *   <li><b>Start:</b> nothing happens before the subscription; each subscription runs the script
 *       from its begin. What is to be expanded is expanded when its command is reached.
 *   <li><b>Cancel:</b> no further command is started, and those that run are ended by the {@link
 *       Termination}. Cancelling does not wait.
 *   <li><b>Errors:</b> {@link ScriptException} if the status is none of {@link #success}, or a
 *       timeout or limit ended the script. As in a shell, a program that cannot be found or
 *       executed and a file that cannot be opened are no errors of this kind but statuses (127,
 *       126, 2) and a line on stderr. A missing directory, or the lack of descriptors or processes,
 *       is a {@code ProcessStartException}.
 *   <li><b>Thread:</b> signals are delivered on an event loop or a scheduler's thread, which must
 *       not be blocked.
 * </ul>
 *
 * <p>Stdin is empty, unless the script redirects it.
 */
public final class Script {
  private final Parsed parsed;
  private final ScriptSettings settings;

  Script(Parsed parsed, ScriptSettings settings) {
    this.parsed = parsed;
    this.settings = settings;
  }

  private Script with(ScriptSettings changed) {
    return new Script(parsed, changed);
  }

  Parsed parsed() {
    return parsed;
  }

  ScriptSettings settings() {
    return settings;
  }

  /**
   * The working directory of all commands, and where relative files and globs are looked for; by
   * default the JVM's. {@code PWD} is set to its absolute path.
   */
  public Script directory(Path directory) {
    Command.of("pwd").directory(directory); // refuses what no command could take
    String absolute = directory.toAbsolutePath().normalize().toString();
    return with(
        settings.withVariable("PWD", Optional.of(absolute)).with(s -> s.directory = directory));
  }

  /**
   * Sets a variable, for the script's own parameters and in the environment of all commands. By
   * default there are the JVM's.
   *
   * @throws InvalidCommandException if the name is empty or has a {@code =}, or either holds a NUL
   */
  public Script env(String name, String value) {
    Command.of("env").env(name, value); // refuses what no command could take
    return with(settings.withVariable(name, Optional.of(value)));
  }

  /** Sets several variables. */
  public Script env(Map<String, String> variables) {
    Script changed = this;
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      changed = changed.env(variable.getKey(), variable.getValue());
    }
    return changed;
  }

  /** Removes a variable. */
  public Script withoutEnv(String name) {
    Command.of("env").withoutEnv(name); // refuses what no command could take
    return with(settings.withVariable(name, Optional.empty()));
  }

  /** Starts from an empty environment: nothing inherited, nothing set before this call. */
  public Script clearEnv() {
    return with(
        settings.with(
            s -> {
              s.emptyEnvironment = true;
              s.changes = Map.of();
            }));
  }

  /** Which statuses are a success; by default 0 alone. */
  public Script success(IntPredicate accepted) {
    return with(settings.with(s -> s.success = Objects.requireNonNull(accepted, "accepted")));
  }

  /** How children are ended; see {@link Termination#graceful()} for the default. */
  public Script termination(Termination termination) {
    return with(settings.with(s -> s.termination = Objects.requireNonNull(termination)));
  }

  /** Ends a script that is not over this long after its start. None by default. */
  public Script timeout(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("a timeout must be positive: " + timeout);
    }
    return with(settings.with(s -> s.timeout = timeout));
  }

  /**
   * The most bytes that {@link #output()} and {@link #text()} keep of stdout, and of stderr; 16 MiB
   * by default. A script that writes more is ended.
   */
  public Script captureLimit(int bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("a capture limit cannot be negative: " + bytes);
    }
    return with(settings.with(s -> s.captureLimit = bytes));
  }

  /** How {@link #lines()} cuts; {@link Records#lines()} by default. */
  public Script records(Records records) {
    return with(settings.with(s -> s.records = Objects.requireNonNull(records)));
  }

  /** How bytes become text; UTF-8 with replacement by default, whatever the machine's locale. */
  public Script decoding(TextDecoding decoding) {
    return with(settings.with(s -> s.decoding = Objects.requireNonNull(decoding)));
  }

  /** Runs on this runtime instead of {@link ProcessRuntime#shared()}. */
  public Script on(ProcessRuntime runtime) {
    return with(settings.with(s -> s.runtime = Objects.requireNonNull(runtime)));
  }

  /**
   * Runs it and captures what it writes, up to {@link #captureLimit} bytes of stdout and of stderr.
   *
   * @return one result, when the script is over and its outputs have ended, or have been open for a
   *     second more
   */
  public Mono<ScriptResult> output() {
    return Mono.defer(() -> new ScriptRun(this).output());
  }

  /** Runs it and answers its whole stdout as text; as {@link #output()}. */
  public Mono<String> text() {
    return output()
        .flatMap(
            result ->
                settings
                    .decoding
                    .decode(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(result.stdout())))
                    .collect(Collectors.joining()));
  }

  /**
   * Runs it and streams the lines of its stdout, without their ends, as they come and by demand: a
   * slow subscriber makes the command that writes wait. Completes when the script is over.
   */
  public Flux<String> lines() {
    return settings.records.decodeText(bytes(), settings.decoding);
  }

  /**
   * Runs it and streams its stdout, one buffer for each {@code read(2)}, by demand. The subscriber
   * releases each buffer. Of stderr the end is kept for the error. Completes when the script is
   * over and no process has its stdout open.
   */
  public Flux<ByteBuf> bytes() {
    return Flux.defer(() -> new ScriptRun(this).bytes());
  }

  /**
   * Runs it and answers its status as the shell's {@code $?} has it: the code of the last command,
   * or 128 + the number of the signal that ended it. Any status is a value here. Both outputs are
   * discarded, unless the script sends them elsewhere.
   */
  public Mono<Integer> exit() {
    return Mono.defer(() -> new ScriptRun(this).exit());
  }

  /** The script as it was given, without the values. */
  @Override
  public String toString() {
    return parsed.source().text();
  }
}
