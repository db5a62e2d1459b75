/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.signals.Signal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** What a pipeline does in its ordinary case, by each way to run it. */
class PipelineTest {
  private static final Command CAT = Command.of("cat");

  @Test
  void yesIntoHead_endsAtOnceWithSigpipeAndSuccess() {
    PipelineResult result =
        Command.of("yes").pipe(Command.of("head", "-n", "1")).output().block(SOON);

    assertThat(result).isNotNull();
    assertThat(result.stdoutText()).isEqualTo("y\n");
    assertThat(result.stage(0).status().signal()).contains(Signal.SIGPIPE);
    assertThat(result.stage(0).success()).isTrue();
    assertThat(result.failures()).isEmpty();
    assertThat(result.stage(0).status().wallTime()).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void twentyStages_passOneMebibyteUnchanged() {
    byte[] data = new byte[1 << 20];
    new Random(3).nextBytes(data);
    Pipeline cats = CAT.stdin(Stdin.bytes(data)).pipe(CAT);
    for (int i = 2; i < 20; i++) {
      cats = cats.pipe(CAT);
    }

    PipelineResult result = cats.output().block(SOON);

    assertThat(result).isNotNull();
    assertThat(result.stages()).hasSize(20).allMatch(stage -> stage.status().isSuccess());
    assertThat(crc(result.stdout())).isEqualTo(crc(data));
  }

  private static long crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }

  @Test
  void grouping_makesNoDifference() {
    Command a = Command.of("seq", "20");
    Command b = Command.of("grep", "1");
    Command c = Command.of("wc", "-l");
    Pipeline left = a.pipe(b).pipe(c);
    Pipeline right = a.pipe(b.pipe(c));

    assertThat(right.stages()).isEqualTo(left.stages());
    assertThat(right).hasToString("seq 20 | grep 1 | wc -l").hasToString(left.toString());
    assertThat(right.text().block(SOON)).isEqualTo("11\n").isEqualTo(left.text().block(SOON));
  }

  @Test
  void stderr_joinsThePipeOnlyWherePipeAllSaysSo() {
    Command both = Command.of("sh", "-c", "echo out; echo err >&2");

    assertThat(both.pipeAll(CAT).text().block(SOON)).isEqualTo("out\nerr\n");
    assertThat(both.pipe(CAT).text().block(SOON)).isEqualTo("out\n");
    assertThat(CAT.stdin(Stdin.text("")).pipe(both).pipeAll(CAT).text().block(SOON))
        .isEqualTo("out\nerr\n");
  }

  @Test
  void eachStage_keepsItsStatusUsageAndStderr() {
    Pipeline pipeline =
        Command.of("sh", "-c", "echo one >&2; exit 3")
            .pipe(Command.of("sh", "-c", "cat; echo two >&2; exit 4"))
            .pipe(CAT);

    PipelineResult result = pipeline.output().block(SOON);

    assertThat(result).isNotNull();
    assertThat(result.stage(0).status().is(3)).isTrue();
    assertThat(result.stage(0).stderr().text()).isEqualTo("one\n");
    assertThat(result.stage(1).status().is(4)).isTrue();
    assertThat(result.stage(1).stderr().text()).isEqualTo("two\n");
    assertThat(result.status().isSuccess()).isTrue();
    assertThat(result.failures()).hasSize(2);
    assertThat(result.stages()).allMatch(stage -> stage.status().usage().isPresent());
    assertThat(result.stages()).extracting(StageResult::position).containsExactly(0, 1, 2);
  }

  @Test
  void settingsOfAStage_areThoseOfItsCommand(@TempDir Path directory) throws Exception {
    Path log = directory.resolve("log");
    Path out = directory.resolve("out");

    Command.of("sh", "-c", "pwd; echo $NAME >&2")
        .directory(directory)
        .env("NAME", "first")
        .stderr(Output.file(log))
        .pipe(
            Command.of("sh", "-c", "cat; echo $NAME; cat <&3")
                .env("NAME", "second")
                .input(3, Stdin.text("extra\n")))
        .stdout(Output.file(out))
        .exit()
        .block(SOON);

    assertThat(log).hasContent("first");
    assertThat(Files.readAllLines(out))
        .containsExactly(directory.toRealPath().toString(), "second", "extra");
  }

  @Test
  void stdinOfTheFirst_andStdoutOfTheLast_areStreams() {
    Pipeline sorted =
        Command.of("sort")
            .pipe(Command.of("uniq"))
            .stdin(Stdin.texts(Flux.just("b\n", "a\n", "b\n")));

    StepVerifier.create(sorted.lines(), 1)
        .expectNext("a")
        .thenRequest(1)
        .expectNext("b")
        .expectComplete()
        .verify(SOON);
    StepVerifier.create(
            sorted
                .bytes()
                .map(
                    chunk -> {
                      String text = chunk.toString(StandardCharsets.UTF_8);
                      chunk.release();
                      return text;
                    })
                .reduce("", String::concat))
        .expectNext("a\nb\n")
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void exit_isAValueUnlessAPolicyIsSet() {
    Pipeline fails = Command.of("true").pipe(Command.of("false"));

    PipelineResult result = fails.exit().block(SOON);

    assertThat(result).isNotNull();
    assertThat(result.status().is(1)).isTrue();
    StepVerifier.create(fails.success(PipePolicy.last()).exit())
        .expectError(PipelineException.class)
        .verify(SOON);
  }

  @Test
  void eachSubscription_startsChildrenOfItsOwn() {
    Pipeline pid = Command.of("sh", "-c", "echo $$").pipe(CAT);

    assertThat(pid.text().block(SOON)).isNotEqualTo(pid.text().block(SOON));
  }
}
