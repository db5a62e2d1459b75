/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.shell.ScriptException.Reason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One subscription that runs a script: the pipes that its commands share, and the verdict. */
final class ScriptRun {
  private static final Duration OUTPUT_GRACE = Duration.ofSeconds(1);
  private static final int KEPT_OF_STDERR = 32 * 1024;

  private final Script script;
  private final ScriptSettings settings;
  private final Steps steps = new Steps();

  /** The last command has ended, and nobody writes any more, unless something was left behind. */
  private final Sinks.Empty<Void> over = Sinks.empty();

  ScriptRun(Script script) {
    this.script = script;
    this.settings = script.settings();
  }

  Mono<Integer> exit() {
    return run(Slot.NOTHING, Slot.NOTHING);
  }

  private Mono<Integer> run(Slot out, Slot err) {
    Runner runner = new Runner(script.parsed(), settings, steps);
    Streams streams = new Streams(Slot.NOTHING, out, err);
    Mono<Integer> status = Mono.defer(() -> runner.run(script.parsed().tree(), streams));
    Duration limit = settings.timeout;
    return limit == null
        ? status
        : status.timeout(
            limit, Mono.error(() -> failure(Reason.TIMEOUT, "was ended by its timeout", null, "")));
  }

  Mono<ScriptResult> output() {
    try {
      Joint out = Joint.open();
      return output(out, openBeside(out));
    } catch (SystemCallException e) {
      return Mono.error(e);
    }
  }

  private static Joint openBeside(Joint other) throws SystemCallException {
    try {
      return Joint.open();
    } catch (SystemCallException e) {
      other.close();
      throw e;
    }
  }

  private Mono<ScriptResult> output(Joint out, Joint err) {
    Capture stdout = Capture.first(settings.captureLimit);
    Capture stderr = Capture.first(settings.captureLimit);
    return Mono.zip(captured(out, stdout, stderr), captured(err, stderr, stderr), running(out, err))
        .flatMap(
            ended ->
                verdict(ended.getT3(), stderr)
                    .map(
                        status ->
                            new ScriptResult(
                                status, stdout.bytes(), stderr.bytes(), steps.toList())))
        .doFinally(
            end -> {
              out.close(); // where it was cancelled before any of the three was subscribed
              err.close();
            });
  }

  /** The status; from then on, nothing is started that writes. */
  private Mono<Integer> running(Joint out, Joint err) {
    return run(out.writeEnd(), err.writeEnd())
        .doFinally(
            end -> {
              out.closeWriting();
              err.closeWriting();
              over.tryEmitEmpty();
            });
  }

  /** Reads an output to its end, or until the grace is over. */
  private Mono<Boolean> captured(Joint output, Capture capture, Capture stderr) {
    return output
        .read()
        .<Void>handle(
            (chunk, sink) -> {
              if (!capture.take(chunk)) {
                sink.error(
                    failure(
                        Reason.CAPTURE_LIMIT,
                        "was ended because it wrote more than its capture limit",
                        null,
                        stderr.tail(KEPT_OF_STDERR)));
              }
            })
        .takeUntilOther(over.asMono().then(Mono.delay(OUTPUT_GRACE)))
        .then(Mono.just(true));
  }

  private Mono<Integer> verdict(int status, Capture stderr) {
    return settings.success.test(status)
        ? Mono.just(status)
        : Mono.error(
            failure(
                Reason.STATUS,
                "ended with status " + status + "; if that is fine, say so with Script.success",
                status,
                stderr.tail(KEPT_OF_STDERR)));
  }

  private ScriptException failure(
      Reason reason, String what, @Nullable Integer status, String stderr) {
    return new ScriptException(
        reason, "the script `" + script + "` " + what, status, stderr, steps.toList());
  }

  Flux<ByteBuf> bytes() {
    try {
      Joint out = Joint.open();
      return bytes(out, openBeside(out));
    } catch (SystemCallException e) {
      return Flux.error(e);
    }
  }

  private Flux<ByteBuf> bytes(Joint out, Joint err) {
    Capture stderr = Capture.last(KEPT_OF_STDERR);
    Sinks.One<Integer> verdict = Sinks.one();
    Mono<Integer> run =
        Mono.zip(captured(err, stderr, stderr), running(out, err))
            .flatMap(ended -> verdict(ended.getT2(), stderr));
    return Flux.using(
        () -> run.subscribe(verdict::tryEmitValue, verdict::tryEmitError),
        running -> out.read().concatWith(verdict.asMono().thenMany(Flux.empty())),
        running -> {
          running.dispose();
          out.close();
          err.close();
        });
  }
}
