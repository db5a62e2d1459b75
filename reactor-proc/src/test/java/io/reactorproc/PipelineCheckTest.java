/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.TextDecoding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** What makes no sense in a pipeline is refused before anything starts. */
class PipelineCheckTest {
  private static final Command CAT = Command.of("cat");
  private static final Path FILE = Path.of("/dev/null");

  @ParameterizedTest(name = "{0}")
  @MethodSource("misplaced")
  void misplacedSetting_isRefusedWhenTheStagesAreComposed(
      String what, ThrowingCallable call, String says) {
    assertThatThrownBy(call).isInstanceOf(InvalidCommandException.class).hasMessageContaining(says);
  }

  static Stream<Arguments> misplaced() {
    return Stream.of(
        bad("stdout of the first", () -> CAT.stdout(Output.file(FILE)).pipe(CAT), "stage 1, cat"),
        bad("stdout dropped", () -> CAT.stdout(Output.discard()).pipe(CAT), "stdout"),
        bad(
            "stdout teed",
            () -> CAT.stdout(Output.tee(OutputTarget.file(FILE))).pipe(CAT),
            "stdout"),
        bad("stdin of the second", () -> CAT.pipe(CAT.stdin(Stdin.text("x"))), "stage 2, cat"),
        bad("stdin of a pipeline", () -> CAT.pipe(CAT.stdin(Stdin.pipe()).pipe(CAT)), "stage 2"),
        bad("stderr of Java", () -> CAT.pipe(flux -> flux).pipeAll(CAT), "(Java)"),
        bad("stdout of Java", () -> CAT.pipe(flux -> flux).stdout(Output.discard()), "(Java)"),
        bad(
            "settings of an inner pipeline",
            () -> CAT.pipe(CAT.pipe(CAT).timeout(Duration.ofSeconds(1))),
            "would be lost"),
        bad(
            "policy of an inner pipeline",
            () -> CAT.pipe(CAT.pipe(CAT).success(PipePolicy.all())),
            "would be lost"));
  }

  private static Arguments bad(String what, ThrowingCallable call, String says) {
    return Arguments.of(what, call, says);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wholes")
  void settingOfTheWhole_isRefusedOnAStage(String name, UnaryOperator<Command> setting) {
    assertThatThrownBy(() -> CAT.pipe(setting.apply(CAT)))
        .isInstanceOf(InvalidCommandException.class)
        .hasMessageContaining("stage 2, cat: " + name);
  }

  static Stream<Arguments> wholes() {
    Duration second = Duration.ofSeconds(1);
    return Stream.of(
        whole("timeout", c -> c.timeout(second)),
        whole("idleTimeout", c -> c.idleTimeout(second)),
        whole("startTimeout", c -> c.startTimeout(second)),
        whole("outputGrace", c -> c.outputGrace(second)),
        whole("termination", c -> c.termination(Termination.kill())),
        whole("captureLimit", c -> c.captureLimit(1)),
        whole("records", c -> c.records(Records.lines())),
        whole(
            "decoding",
            c -> c.decoding(TextDecoding.utf8().onMalformed(TextDecoding.Malformed.REPORT))),
        whole("inheritProcessGroup", Command::inheritProcessGroup),
        whole("newSession", Command::newSession),
        whole("detached", Command::detached),
        whole("pipeCapacity", c -> c.pipeCapacity(4096)),
        whole("on", c -> c.on(ProcessRuntime.shared())));
  }

  private static Arguments whole(String name, UnaryOperator<Command> setting) {
    return Arguments.of(name, setting);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("misfits")
  void wayToRunThatDoesNotFit_isAnErrorOfTheSubscription(String what, Publisher<?> run) {
    StepVerifier.create(run).expectError(InvalidCommandException.class).verify(SOON);
  }

  static Stream<Arguments> misfits() {
    Pipeline live = CAT.stdin(Stdin.pipe()).pipe(CAT);
    Pipeline java = CAT.pipe(flux -> flux);
    return Stream.of(
        Arguments.of("a live stdin that nobody can write to", live.output()),
        Arguments.of("a live stdin of events", live.events()),
        Arguments.of(
            "bytes of a redirected stdout", CAT.pipe(CAT).stdout(Output.discard()).bytes()),
        Arguments.of("a result of Java", java.output()),
        Arguments.of("an exit of Java", java.exit()),
        Arguments.of("events of Java", Flux.from(java.events())),
        Arguments.of("a handle of Java", java.start()));
  }
}
