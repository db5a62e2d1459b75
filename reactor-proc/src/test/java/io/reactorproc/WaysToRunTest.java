/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.MalformedTextException;
import io.reactorproc.ipc.TextDecoding;
import io.reactorproc.signals.Signal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Each way to run a command, and each kind of input and output, in its ordinary case. */
class WaysToRunTest {
  private static final Command BOTH = Command.of("sh", "-c", "echo out; echo err >&2");

  @Test
  void output_capturesBothStreams() {
    ProcessResult result = BOTH.output().block(SOON);

    assertThat(result).isNotNull();
    assertThat(result.stdoutText()).isEqualTo("out\n");
    assertThat(result.stderrText()).isEqualTo("err\n");
    assertThat(result.status().isSuccess()).isTrue();
    assertThat(result.summary(1).orElseThrow().bytes()).isEqualTo(4);
  }

  @Test
  void text_isDecodedStdout() {
    assertThat(Command.of("printf", "caf\\303\\251").text().block(SOON)).isEqualTo("café");
  }

  @Test
  void malformedText_isReplacedOrReportedByChoice() {
    Command broken = Command.of("printf", "a\\377b");

    assertThat(broken.text().block(SOON)).isEqualTo("a\uFFFDb");
    StepVerifier.create(
            broken.decoding(TextDecoding.utf8().onMalformed(TextDecoding.Malformed.REPORT)).text())
        .expectError(MalformedTextException.class)
        .verify(SOON);
  }

  @Test
  void bytes_areBuffersOfTheSubscriber() {
    Flux<String> chunks =
        Command.of("printf", "abc")
            .bytes()
            .map(
                chunk -> {
                  String text = chunk.toString(StandardCharsets.UTF_8);
                  chunk.release();
                  return text;
                });

    StepVerifier.create(chunks).expectNext("abc").expectComplete().verify(SOON);
  }

  @Test
  void exit_isAValueUnlessAPolicyIsSet() {
    Command seven = Command.of("sh", "-c", "exit 7");

    assertThat(seven.exit().block(SOON)).matches(status -> status.is(7));
    StepVerifier.create(seven.success(ExitPolicy.zero()).exit())
        .expectError(ProcessExitException.class)
        .verify(SOON);
    StepVerifier.create(seven.success(ExitPolicy.codes(0, 7)).output())
        .expectNextCount(1)
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void eachSubscription_startsAChildOfItsOwn() {
    Command pid = Command.of("sh", "-c", "echo $$");

    assertThat(pid.text().block(SOON)).isNotEqualTo(pid.text().block(SOON));
  }

  @Test
  void mergedStderr_keepsTheTrueOrder() {
    Command merged = Command.of("sh", "-c", "echo 1; echo 2 >&2; echo 3; echo 4 >&2").mergeStderr();

    assertThat(merged.lines().collectList().block(SOON)).containsExactly("1", "2", "3", "4");
  }

  @Test
  void files_areTruncatedOrAppended(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("out"), "before and longer\n");

    Command.of("echo", "one").stdout(Output.file(file)).exit().block(SOON);
    Command.of("echo", "two").stdout(Output.append(file)).exit().block(SOON);

    assertThat(file).hasContent("one\ntwo\n");
    assertThat(Command.of("cat").stdin(Stdin.file(file)).text().block(SOON))
        .isEqualTo("one\ntwo\n");
  }

  @Test
  void everyKindOfInput_reachesTheChild() {
    Command cat = Command.of("cat");

    assertThat(cat.text().block(SOON)).isEmpty();
    assertThat(cat.stdin(Stdin.text("héllo")).text().block(SOON)).isEqualTo("héllo");
    assertThat(cat.stdin(Stdin.bytes(new byte[] {65, 66})).text().block(SOON)).isEqualTo("AB");
    assertThat(cat.stdin(Stdin.texts(Flux.just("a", "b"))).text().block(SOON)).isEqualTo("ab");
    assertThat(
            cat.stdin(
                    Stdin.stream(
                        () -> new ByteArrayInputStream("s".getBytes(StandardCharsets.UTF_8))))
                .text()
                .block(SOON))
        .isEqualTo("s");
  }

  @Test
  void failingInput_endsTheChildAndIsTheError() {
    Stdin failing = Stdin.publisher(Flux.error(new IllegalStateException("no input")));

    StepVerifier.create(Command.of("cat").stdin(failing).output())
        .expectErrorSatisfies(
            error -> {
              assertThat(error)
                  .isInstanceOf(ProcessExitException.class)
                  .hasRootCauseMessage("no input");
              assertThat(((ProcessExitException) error).reason())
                  .isEqualTo(ProcessExitException.Reason.INPUT);
            })
        .verify(SOON);
  }

  @Test
  void inputStreamThatCannotBeOpened_isTheErrorToo() {
    Stdin failing =
        Stdin.stream(
            () -> {
              throw new IOException("disk on fire");
            });

    StepVerifier.create(Command.of("cat").stdin(failing).output())
        .expectErrorSatisfies(error -> assertThat(error).hasRootCauseMessage("disk on fire"))
        .verify(SOON);
  }

  @Test
  void childThatStopsReading_cancelsTheInputAndFailsNothing() {
    AtomicBoolean cancelled = new AtomicBoolean();
    Flux<ByteBuf> endless =
        Flux.<ByteBuf>generate(sink -> sink.next(Unpooled.wrappedBuffer(new byte[1024])))
            .doOnCancel(() -> cancelled.set(true));

    ProcessResult result =
        Command.of("head", "-c", "10").stdin(Stdin.publisher(endless)).output().block(SOON);

    assertThat(result).isNotNull();
    assertThat(result.stdout()).hasSize(10);
    assertThat(cancelled).isTrue();
  }

  @Test
  void furtherDescriptors_workInBothDirections() {
    Command copy =
        Command.of("sh", "-c", "cat <&3 >&4; cat /proc/self/fd/13 >/proc/self/fd/14")
            .input(3, Stdin.text("three"))
            .output(4, Output.standard())
            .input(13, Stdin.text("thirteen"))
            .output(14, Output.standard());

    ProcessResult result = copy.output().block(SOON);

    assertThat(result).isNotNull();
    assertThat(new String(result.output(4), StandardCharsets.UTF_8)).isEqualTo("three");
    assertThat(new String(result.output(14), StandardCharsets.UTF_8)).isEqualTo("thirteen");
  }

  @Test
  void tee_copiesToFileStreamAndConsumerBeforeItDelivers(@TempDir Path directory) {
    Path file = directory.resolve("copy");
    StringBuilder seen = new StringBuilder(); // one thread writes it, and the end is awaited
    Command teed =
        Command.of("seq", "1", "50000")
            .stdout(
                Output.tee(
                    OutputTarget.file(file),
                    OutputTarget.consumer(
                        bytes -> seen.append(StandardCharsets.UTF_8.decode(bytes)))));

    String text = teed.text().block(SOON);

    assertThat(text).hasLineCount(50_000);
    assertThat(file).hasContent(text);
    assertThat(seen.toString()).isEqualTo(text);
  }

  @Test
  void teeTargetThatFails_endsTheChildAndIsTheError() {
    Command teed =
        Command.of("yes")
            .stdout(
                Output.tee(
                    OutputTarget.consumer(
                        bytes -> {
                          throw new IllegalStateException("full");
                        })));

    StepVerifier.create(teed.lines().then())
        .expectErrorSatisfies(error -> assertThat(error).hasRootCauseMessage("full"))
        .verify(SOON);
  }

  @Test
  void captureLimit_isATypedErrorThatKeepsWhatWasThere() {
    assertThatThrownBy(() -> Command.of("yes").captureLimit(1000).output().block(SOON))
        .hasCauseInstanceOf(ProcessExitException.class)
        .cause()
        .satisfies(
            error -> {
              ProcessExitException exit = (ProcessExitException) error;
              assertThat(exit.reason()).isEqualTo(ProcessExitException.Reason.CAPTURE_LIMIT);
              assertThat(exit.partialResult()).isNotNull();
              assertThat(exit.partialResult().stdout()).hasSize(1000);
            });
  }

  @Test
  void handle_talksHalfClosesAndTellsTheExitToManyBeforeAndAfter() {
    RunningProcess cat = Command.of("cat").stdin(Stdin.pipe()).start().block(SOON);
    assertThat(cat).isNotNull();
    assertThat(cat.pid()).isPresent();
    assertThat(cat.snapshot().block(SOON)).matches(s -> s.residentBytes() > 0 && s.threads() == 1);
    StepVerifier exit = StepVerifier.create(cat.exit()).expectNextCount(1).expectComplete();

    cat.stdin().write("a\nb").then(cat.stdin().close()).block(SOON);

    assertThat(cat.lines().collectList().block(SOON)).containsExactly("a", "b");
    exit.verify(SOON);
    assertThat(cat.exit().block(SOON)).matches(ExitStatus::isSuccess);
    assertThat(cat.pid()).isEmpty();
    assertThat(cat.isAlive()).isFalse();
    assertThat(cat.signal(Signal.SIGTERM).block(SOON)).isFalse();
    assertThat(cat.snapshot().blockOptional(SOON)).isEmpty();
    cat.dispose();
  }
}
