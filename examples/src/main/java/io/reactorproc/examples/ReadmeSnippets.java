/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import static io.netty.buffer.Unpooled.copiedBuffer;
import static io.reactorproc.signals.Signal.SIGINT;
import static io.reactorproc.signals.Signal.SIGKILL;
import static io.reactorproc.signals.Signal.SIGTERM;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.util.ReferenceCountUtil;
import io.reactorproc.ClosingState;
import io.reactorproc.Command;
import io.reactorproc.ExitPolicy;
import io.reactorproc.ExitStatus;
import io.reactorproc.LivingJob;
import io.reactorproc.Output;
import io.reactorproc.PipePolicy;
import io.reactorproc.PipelineResult;
import io.reactorproc.ProcessEvent;
import io.reactorproc.ProcessExitException;
import io.reactorproc.ProcessResult;
import io.reactorproc.ProcessStartException;
import io.reactorproc.RunningProcess;
import io.reactorproc.StartFailures;
import io.reactorproc.Stdin;
import io.reactorproc.Termination;
import io.reactorproc.batch.Failures;
import io.reactorproc.batch.ItemResult;
import io.reactorproc.batch.Parallel;
import io.reactorproc.cgroup.Cgroups;
import io.reactorproc.guard.Guard;
import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.ipc.json.JsonRpc;
import io.reactorproc.ipc.unix.UnixClient;
import io.reactorproc.ipc.unix.UnixServer;
import io.reactorproc.life.Shutdown;
import io.reactorproc.service.Service;
import io.reactorproc.shell.ScriptResult;
import io.reactorproc.shell.Shell;
import io.reactorproc.signals.SignalEvent;
import io.reactorproc.signals.Signals;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * The Java of the README, so that the compiler reads it too. A test holds both together: change a
 * snippet here and there.
 */
final class ReadmeSnippets {
  private ReadmeSnippets() {}

  static Flux<List<LivingJob>> shutdown() {
    // snippet: shutdown
    Shutdown shutdown =
        Shutdown.ofAll()
            .patience(Duration.ofSeconds(20))
            .dependency("web", "db"); // by Command.named(): db is ended when web is gone
    shutdown.install();
    Flux<List<LivingJob>> left = shutdown.progress().map(ClosingState::left);
    // end
    return left;
  }

  static Mono<ExitStatus> foreground(Path file) {
    // snippet: foreground
    Mono<ExitStatus> edited = Command.of("vi", file.toString()).foreground().exit();
    Mono<ExitStatus> read =
        Command.of("git", "log")
            .pipe(Command.of("less"))
            .foreground()
            .exit()
            .map(PipelineResult::status);
    // end
    return edited.then(read);
  }

  static Mono<ProcessResult> output(Path repository) {
    // snippet: output
    Mono<ProcessResult> head =
        Command.of("git", "rev-parse", "HEAD").directory(repository).output();
    // end
    return head;
  }

  static Flux<String> terminal() {
    // snippet: terminal
    Flux<String> colours =
        Command.of("ls", "--color=auto").pty(80, 24).lines(); // it sees a terminal, not a pipe
    // end
    return colours;
  }

  static Mono<ExitStatus> liveTerminal() {
    // snippet: live-terminal
    Mono<ExitStatus> session =
        Command.of("bash", "-i")
            .pty(80, 24)
            .start()
            .flatMap(
                bash ->
                    bash.terminal()
                        .resize(120, 40) // SIGWINCH
                        .then(bash.stdin().write("make\n"))
                        .then(bash.terminal().endOfInput()) // Ctrl-D
                        .then(bash.stdout().doOnNext(ReferenceCountUtil::release).then())
                        .then(bash.exit())
                        .doFinally(end -> bash.dispose()));
    // end
    return session;
  }

  static Flux<String> lines() {
    // snippet: lines
    Flux<String> errors =
        Command.of("journalctl", "-f", "-n", "0")
            .lines()
            .filter(line -> line.contains("error"))
            .take(10); // then the child is ended and reaped
    // end
    return errors;
  }

  static Flux<String> stdin(Flux<String> names) {
    // snippet: stdin
    Flux<String> sorted =
        Command.of("sort", "-u").stdin(Stdin.texts(names.map(name -> name + "\n"))).lines();
    // end
    return sorted;
  }

  static Flux<String> events() {
    // snippet: events
    Flux<ProcessEvent> build = Command.of("make", "-j4").lineEvents();
    Flux<String> complaints =
        build
            .ofType(ProcessEvent.Line.class)
            .filter(line -> line.descriptor() == 2)
            .map(ProcessEvent.Line::text);
    // end
    return complaints;
  }

  static Mono<String> start() {
    // snippet: start
    Mono<String> answer =
        Command.of("bc", "-q")
            .stdin(Stdin.pipe())
            .start()
            .flatMap(
                bc ->
                    bc.stdin()
                        .write("6 * 7\n")
                        .then(bc.lines().next())
                        .doFinally(end -> bc.dispose()));
    // end
    return answer;
  }

  static Command time() {
    // snippet: time
    Command backup =
        Command.of("rsync", "-a", "/home/", "/backup/")
            .timeout(Duration.ofHours(2))
            .idleTimeout(Duration.ofMinutes(5))
            .termination(
                Termination.start()
                    .signalGroup(SIGINT)
                    .pause(Duration.ofSeconds(10))
                    .signalGroup(SIGKILL));
    // end
    return backup;
  }

  static Mono<Boolean> policy(String user) {
    // snippet: policy
    Mono<Boolean> known =
        Command.of("grep", "-q", "^" + user + ":", "/etc/passwd")
            .success(ExitPolicy.codes(0, 1)) // 2 stays an error
            .exit()
            .map(status -> status.is(0));
    // end
    return known;
  }

  static Mono<String> errors() {
    // snippet: errors
    Mono<String> release =
        Command.of("lsb_release", "-ds")
            .text()
            .onErrorReturn(ProcessStartException.class, "not installed")
            .onErrorResume(
                ProcessExitException.class,
                failure -> Mono.just(failure.status() + ": " + failure.stderr().text()));
    // end
    return release;
  }

  static Mono<ExitStatus> service(Path config, Mono<Void> whileReady) {
    // snippet: service
    Mono<ExitStatus> served =
        Mono.usingWhen(
            Service.of(Command.of("my-server", config.toString()))
                .watchdog(Duration.ofSeconds(30)) // no sign of life for so long: it is ended
                .start(),
            server -> server.ready().then(whileReady).then(server.exit()),
            server -> Mono.fromRunnable(server::dispose));
    // end
    return served;
  }

  static Mono<PipelineResult> pipeline() {
    // snippet: pipeline
    Mono<PipelineResult> units =
        Command.of("journalctl", "-b", "-o", "cat", "-F", "_SYSTEMD_UNIT")
            .pipe(Command.of("sort"))
            .pipe(Command.of("uniq", "-c"))
            .success(PipePolicy.pipefail())
            .output();
    // end
    return units;
  }

  static Flux<String> javaStage(String log) {
    // snippet: java-stage
    Flux<String> busiest =
        Command.of("zcat", log)
            .pipe(
                bytes ->
                    Records.lines()
                        .decodeText(bytes)
                        .map(line -> copiedBuffer(address(line) + "\n", UTF_8)))
            .pipe(Command.of("sort"))
            .pipe(Command.of("uniq", "-c"))
            .pipe(Command.of("sort", "-rn"))
            .lines()
            .take(3);
    // end
    return busiest;
  }

  static Flux<String> biggestPackages(Command dpkg, Command rpm, Command inKibibytes) {
    // snippet: packages
    Flux<String> biggest =
        dpkg.orElse(rpm.pipe(inKibibytes))
            .startFailures(StartFailures.STATUS) // what is not installed has failed, as in a shell
            .stderr(Output.discard())
            .pipe(Command.of("sort", "-rn"))
            .pipe(Command.of("head", "-n", "10"))
            .lines();
    // end
    return biggest;
  }

  static Mono<ScriptResult> shell(LocalDate since, Path file, Path repository) {
    // snippet: shell
    Mono<ScriptResult> report =
        Shell.sh("git log --format=%an --since={} | sort | uniq -c > {}", since, file)
            .directory(repository)
            .output();
    // end
    return report;
  }

  static Flux<ItemResult<Path, ProcessResult>> parallel(Flux<Path> files) {
    // snippet: parallel
    Flux<ItemResult<Path, ProcessResult>> sums =
        Parallel.of(files, "sha256sum", "{}")
            .concurrency(8)
            .timeout(Duration.ofMinutes(1))
            .retry(Retry.backoff(3, Duration.ofMillis(200)).filter(Failures.exitCode(75)))
            .results();
    // end
    return sums;
  }

  private static String address(String line) {
    return line.substring(0, Math.max(0, line.indexOf(' ')));
  }

  static Flux<Object> unixSockets(Path socket) {
    // snippet: unix-sockets
    Mono<Void> echo =
        UnixServer.at(socket)
            .serve(peer -> peer.output().write(peer.receive()), 64); // 64 at a time
    Mono<WriteOutcome> hello =
        UnixClient.to(socket)
            .connect()
            .flatMap(peer -> peer.output().write("hello").doFinally(end -> peer.dispose()));
    // end
    return Flux.merge(echo, hello);
  }

  static Mono<JsonNode> rpc(RunningProcess child, Map<String, ?> init, Map<String, ?> at) {
    // snippet: rpc
    JsonRpc server = JsonRpc.lsp().connect(child.stdout(), child.stdin());
    Mono<JsonNode> hover =
        server
            .call("initialize", init)
            .then(server.call("textDocument/hover", at))
            .doFinally(end -> server.dispose()); // its stdin ends, and so does it
    // end
    return hover;
  }

  static Flux<String> signals(String log) {
    // snippet: signals
    Mono<SignalEvent> end = Signals.on(SIGINT, SIGTERM).next();
    Flux<String> lines = Command.of("tail", "-F", log).lines().takeUntilOther(end);
    // end
    return lines;
  }

  static Mono<ProcessResult> guarded() {
    // snippet: guarded
    Mono<Guard> guard = Guard.start(); // once for each JVM, for all its children
    Mono<ProcessResult> build = Command.of("make", "-j4").cgroup(Cgroups.ofThisProcess()).output();
    Mono<ProcessResult> guarded = guard.then(build); // kill -9 this JVM: no child of it is left
    // end
    return guarded;
  }
}
