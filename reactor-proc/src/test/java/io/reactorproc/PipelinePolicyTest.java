/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.test.StepVerifier;

/** Which stages make a pipeline fail, and which one the error names. */
class PipelinePolicyTest {
  private static final Command OK = Command.of("sh", "-c", "cat >/dev/null");
  private static final Command FAILS = Command.of("sh", "-c", "cat >/dev/null; exit 3");
  private static final Command FAILS_TOO = Command.of("sh", "-c", "cat >/dev/null; exit 4");
  private static final Command YES = Command.of("yes");
  private static final Command HEAD = Command.of("head", "-n", "1");
  private static final PipePolicy LAST = PipePolicy.last();
  private static final PipePolicy PIPEFAIL = PipePolicy.pipefail();
  private static final PipePolicy ALL = PipePolicy.all();

  @ParameterizedTest(name = "{0} with {1} blames {2}")
  @MethodSource("table")
  void failure_isThatOfTheStageThatCounts(
      Pipeline pipeline, PipePolicy policy, @Nullable Integer stage) {
    StepVerifier.FirstStep<PipelineResult> run =
        StepVerifier.create(pipeline.success(policy).output());

    if (stage == null) {
      run.expectNextCount(1).expectComplete().verify(SOON);
    } else {
      run.expectErrorSatisfies(error -> assertThat(blamed(error)).isEqualTo(stage)).verify(SOON);
    }
  }

  private static int blamed(Throwable error) {
    assertThat(error).isInstanceOf(PipelineException.class);
    PipelineException failure = (PipelineException) error;
    assertThat(failure.reason()).isEqualTo(ProcessExitException.Reason.STATUS);
    assertThat(failure.status()).isEqualTo(failure.result().stage(failure.stage()).status());
    return failure.stage();
  }

  static Stream<Arguments> table() {
    Pipeline middle = OK.pipe(FAILS).pipe(OK);
    Pipeline two = FAILS.pipe(OK).pipe(FAILS_TOO);
    Pipeline broken = YES.pipe(HEAD);
    Pipeline brokenTwice = YES.pipe(Command.of("cat")).pipe(HEAD);
    Pipeline readerFails = YES.pipe(Command.of("sh", "-c", "exit 5"));
    return Stream.of(
        Arguments.of(middle, LAST, null),
        Arguments.of(middle, PIPEFAIL, 1),
        Arguments.of(middle, ALL, 1),
        Arguments.of(two, LAST, 2),
        Arguments.of(two, PIPEFAIL, 0),
        Arguments.of(two, ALL, 0),
        Arguments.of(broken, PIPEFAIL, null),
        Arguments.of(broken, ALL, null),
        Arguments.of(broken, PIPEFAIL.strict(), 0),
        Arguments.of(broken, LAST.strict(), null),
        Arguments.of(brokenTwice, PIPEFAIL, null),
        Arguments.of(readerFails, PIPEFAIL, 1),
        Arguments.of(FAILS.success(ExitPolicy.codes(3)).pipe(OK), PIPEFAIL, null));
  }

  @Test
  void message_namesPositionCommandStatusAndStderr() {
    Pipeline pipeline =
        Command.of("seq", "3")
            .pipe(Command.of("sh", "-c", "cat; echo broken >&2; exit 7"))
            .pipe(Command.of("cat"))
            .success(PIPEFAIL);

    StepVerifier.create(pipeline.text())
        .expectErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOf(ProcessExitException.class)
                    .hasMessageContaining("stage 2 of seq 3 | sh -c ")
                    .hasMessageContaining("exit code 7")
                    .hasMessageContaining("Pipeline.success(PipePolicy)")
                    .hasMessageContaining("stderr: broken"))
        .verify(SOON);
  }

  @Test
  void all_namesEveryStageThatFailed() {
    StepVerifier.create(FAILS.pipe(OK).pipe(FAILS_TOO).success(ALL).output())
        .expectErrorSatisfies(
            error -> {
              assertThat(error).hasMessageContaining("exit code 3").hasMessageContaining("stage 3");
              assertThat(((PipelineException) error).result().failures()).hasSize(2);
            })
        .verify(SOON);
  }

  @Test
  void predicateThatThrows_isTheError() {
    IllegalStateException thrown = new IllegalStateException("on purpose");
    Command judged =
        Command.of("true")
            .success(
                ExitPolicy.matching(
                    status -> {
                      throw thrown;
                    }));

    StepVerifier.create(judged.pipe(OK).output()).expectErrorMatches(thrown::equals).verify(SOON);
    StepVerifier.create(judged.pipe(OK).exit()).expectErrorMatches(thrown::equals).verify(SOON);
  }
}
