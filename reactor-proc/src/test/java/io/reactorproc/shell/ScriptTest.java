/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.InvalidCommandException;
import io.reactorproc.Output;
import io.reactorproc.OutputTarget;
import io.reactorproc.ProcessExitException;
import io.reactorproc.ProcessRuntime;
import io.reactorproc.ProcessStartException;
import io.reactorproc.Stdin;
import io.reactorproc.shell.ScriptException.Reason;
import io.reactorproc.shell.ScriptResult.Step;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Scripts that run. What they share with a shell is the business of {@link ComparisonTest}. */
@Timeout(60)
class ScriptTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path directory;

  private static <T> T now(Mono<T> mono) {
    return mono.blockOptional(SOON).orElseThrow();
  }

  private static Throwable failure(Mono<?> mono) {
    return Exceptions.unwrap(catchThrowable(() -> mono.block(SOON)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "; rm -rf /",
        "$(id)",
        "`id`",
        "a\nb",
        "*",
        "[a]*",
        "?",
        "~",
        "~root",
        "'",
        "\"",
        "\\",
        "| cat",
        "> out",
        "&& true",
        "#",
        "!",
        "{}",
        "{ a; }",
        "$HOME",
        "${A:-b}",
        "-rf",
        "--",
        "",
        " ",
        "a b",
        "\t",
        "\u0001",
        "\u20ac\uD83D\uDE00",
        "2>&1",
        "A=b",
        "if",
        "%s",
        "\r\n"
      })
  void valueArrivesByteByByte(String value) {
    byte[] stdout =
        now(Shell.sh("printf '%s\\0' {} x{}y \"z{}\"", value, value, value).output()).stdout();

    assertThat(new String(stdout, StandardCharsets.UTF_8))
        .isEqualTo(value + "\0x" + value + "y\0z" + value + "\0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"; rm -rf /", "$(id)", "a\nb", "*", "-n", "> out", "{}"})
  void valueArrivesByteByByte_inEveryOtherPlace(String value) throws IOException {
    Script script =
        Shell.sh(
                "V={} sh -c 'printf %s \"$V\"'; cat <<< {}; printf %s {} > {}; cat < {} | cat",
                value,
                value,
                value,
                directory.resolve("f" + value.replace('/', '_')),
                directory.resolve("f" + value.replace('/', '_')))
            .directory(directory);

    assertThat(now(script.text())).isEqualTo(value + value + "\n" + value);
    try (var files = Files.list(directory)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void programCanBeAValue_andIsNotLookedForByItsMeaningInAShell() {
    assertThat(now(Shell.sh("{} a", "echo").text())).isEqualTo("a\n");
    assertThat(now(Shell.sh("{} | cat", List.of("echo", "a b", "*")).text())).isEqualTo("a b *\n");
    assertThat(now(Shell.sh("{}", "echo a").exit())).isEqualTo(127);
    assertThat(now(Shell.sh("{}", "").exit())).isEqualTo(127);
  }

  @Test
  void issuesOwnLine_works() {
    Path file = directory.resolve("out");
    Shell.sh("printf '%s\\n' --author={} {} b | sort | uniq -c > {}", "A B", "b", file)
        .exit()
        .block(SOON);

    assertThat(now(Shell.sh("cat < {}", file).lines().map(String::strip).collectList()))
        .containsExactly("1 --author=A B", "2 b");
  }

  @Test
  void publisherIsStdin() {
    assertThat(now(Shell.sh("sort < {}", Flux.just("b\n", "a\n")).text())).isEqualTo("a\nb\n");
    Flux<ByteBuf> buffers = Flux.defer(() -> Flux.just(Unpooled.wrappedBuffer(new byte[] {120})));
    assertThat(now(Shell.sh("cat < {} | cat", buffers).text())).isEqualTo("x");
    assertThat(now(Shell.sh("cat < {}", new ByteArrayInputStream(new byte[] {65})).text()))
        .isEqualTo("A");
    assertThat(now(Shell.sh("cat < {}", (Object) new byte[] {65, 66}).text())).isEqualTo("AB");
    assertThat(now(Shell.sh("cat < {}", Stdin.text("t")).text())).isEqualTo("t");
  }

  @Test
  void publisherIsStdinOfAGroup_whoseCommandsShareIt() {
    Script script =
        Shell.sh("{ sh -c 'read x; echo 1$x'; cat; } < {}", Flux.just("a\n", "b\n", "c\n"));

    assertThat(now(script.text())).isEqualTo("1a\nb\nc\n");
    assertThat(now(script.text())).as("again").isEqualTo("1a\nb\nc\n");
  }

  @Test
  void publisherOfAGroup_isCancelledWhenTheGroupReadsNoMore() {
    Flux<String> endless = Flux.<String>generate(sink -> sink.next("a\n"));

    assertThat(now(Shell.sh("{ head -n 1; true; } < {}", endless).text())).isEqualTo("a\n");
  }

  @Test
  void publisherThatFails_endsTheScript() {
    Flux<String> failing = Flux.concat(Flux.just("a\n"), Flux.error(new IOException("no more")));

    assertThat(failure(Shell.sh("cat < {}", failing).output()))
        .isInstanceOf(ProcessExitException.class)
        .hasRootCauseMessage("no more");
    assertThat(failure(Shell.sh("{ cat; } < {}", failing).output())).hasMessage("no more");
  }

  @Test
  void outputIsATarget() {
    ByteArrayOutputStream copy = new ByteArrayOutputStream();
    Output tee = Output.tee(OutputTarget.stream(copy));

    assertThat(now(Shell.sh("echo a | cat > {}", tee).exit())).isZero();
    assertThat(copy.toString(StandardCharsets.UTF_8)).isEqualTo("a\n");
  }

  @Test
  void linesComeByDemand_andACancelEndsTheCommands() {
    StepVerifier.create(Shell.sh("yes; echo never").lines(), 2)
        .expectNext("y", "y")
        .thenCancel()
        .verify(SOON);
    StepVerifier.create(Shell.sh("{ yes; yes; } | cat").lines(), 1)
        .expectNext("y")
        .thenCancel()
        .verify(SOON);

    Await.until("no child is left", () -> Proc.children().isEmpty());
  }

  @Test
  void cancelBeforeAnything_startsNothing() {
    StepVerifier.create(Shell.sh("touch {}", directory.resolve("f")).lines(), 0)
        .thenCancel()
        .verify(SOON);
    StepVerifier.create(Shell.sh("sleep 1000; touch {}", directory.resolve("g")).output())
        .thenCancel()
        .verify(SOON);

    Await.until("no child is left", () -> Proc.children().isEmpty());
    assertThat(directory.resolve("g")).doesNotExist();
  }

  @Test
  void timeout_endsTheScript() {
    Script script = Shell.sh("echo a >&2; sleep 1000 | sleep 1000").timeout(Duration.ofMillis(300));

    for (Mono<?> run : List.of(script.output(), script.exit(), script.lines().collectList())) {
      assertThat(failure(run))
          .isInstanceOfSatisfying(
              ScriptException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT));
    }
    Await.until("no child is left", () -> Proc.children().isEmpty());
  }

  @Test
  void badStatus_isAnErrorThatTellsWhatHappened() {
    Script script = Shell.sh("echo out; echo wrong >&2; sh -c 'exit 3'");

    for (Mono<?> run : List.of(script.output(), script.text(), script.lines().collectList())) {
      assertThat(failure(run))
          .isInstanceOfSatisfying(
              ScriptException.class,
              e -> {
                assertThat(e.status()).hasValue(3);
                assertThat(e.stderr()).isEqualTo("wrong\n");
                assertThat(e.reason()).isEqualTo(Reason.STATUS);
                assertThat(e.steps()).extracting(Step::status).containsExactly(0, 0, 3);
              })
          .hasMessageContaining("status 3")
          .hasMessageContaining("stderr: wrong");
    }
    assertThat(now(script.exit())).isEqualTo(3);
    assertThat(now(script.success(status -> status == 3).text())).isEqualTo("out\n");
  }

  @Test
  void linesBeforeABadStatus_areDelivered() {
    StepVerifier.create(Shell.sh("echo a; false").lines())
        .expectNext("a")
        .expectError(ScriptException.class)
        .verify(SOON);
  }

  @Test
  void captureLimit_endsTheScript() {
    assertThat(failure(Shell.sh("yes").captureLimit(1000).output()))
        .isInstanceOfSatisfying(
            ScriptException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CAPTURE_LIMIT));
    assertThat(now(Shell.sh("printf 12345").captureLimit(5).text())).isEqualTo("12345");
    Await.until("no child is left", () -> Proc.children().isEmpty());
  }

  @Test
  void stderrOfAStream_isKeptAtItsEnd() {
    Script script = Shell.sh("head -c 200000 /dev/zero | tr '\\0' x >&2; printf end >&2; false");

    ScriptException failed = (ScriptException) failure(script.lines().then());

    assertThat(failed.stderr()).hasSize(32 * 1024).endsWith("xend");
  }

  @Test
  void stepsTellOfEveryCommand() {
    ScriptResult result =
        now(Shell.sh("true | false; nosuch; cat < none; ! true").success(s -> true).output());

    assertThat(result.steps().stream().map(Step::toString))
        .contains("true: 0", "false: 1", "nosuch: 127");
    assertThat(result.steps()).hasSize(5);
    assertThat(result.steps().get(0).exit()).isPresent();
    assertThat(result.steps().get(2).exit()).isEmpty();
    assertThat(result.status()).isEqualTo(1);
  }

  @Test
  void plainPipeline_isOneProcessGroup() {
    String group = "cut -d ' ' -f 5 /proc/self/stat >&2";
    Script script = Shell.sh("sh -c {} | sh -c {} | sh -c {}", group, group, group);

    List<String> groups = now(script.output()).stderrText().lines().toList();

    assertThat(groups).hasSize(3);
    assertThat(groups).containsOnly(groups.get(0));
  }

  @Test
  void missingProgram_isAStatus_butAMissingDirectoryIsAnError() {
    assertThat(now(Shell.sh("nosuch || echo or").output()).stderrText())
        .isEqualTo("nosuch: not found\n");
    for (String script : List.of("true", "true | true", "{ true; } | true")) {
      assertThat(failure(Shell.sh(script).directory(directory.resolve("none")).exit()))
          .isInstanceOf(ProcessStartException.class);
    }
  }

  @Test
  void environment_isTheScriptsAndTheCommands() {
    Script script = Shell.sh("echo $V; sh -c 'echo $V'").env("V", "1");

    assertThat(now(script.text())).isEqualTo("1\n1\n");
    assertThat(now(script.env(Map.of("V", "2")).text())).isEqualTo("2\n2\n");
    assertThat(now(script.withoutEnv("V").text())).isEqualTo("\n\n");
    assertThat(now(Shell.sh("echo $PATH").clearEnv().text())).isEqualTo("\n");
    assertThat(now(Shell.sh("echo $PATH").text())).isEqualTo(System.getenv("PATH") + "\n");
  }

  @Test
  void pathOfAPrefix_isWhereTheProgramIsLookedFor() throws IOException {
    Path program = Files.writeString(directory.resolve("mine"), "#!/bin/sh\necho found\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();

    assertThat(now(Shell.sh("PATH={} mine", directory).text())).isEqualTo("found\n");
    assertThat(now(Shell.sh("PATH={} mine | cat", directory).text())).isEqualTo("found\n");
  }

  @Test
  void directory_isWhereEverythingRelativeIsLookedFor() throws IOException {
    Files.writeString(directory.resolve("in"), "text");

    assertThat(now(Shell.sh("cat < in; cat i*; { cat; } < in").directory(directory).text()))
        .isEqualTo("texttexttext");
    assertThat(now(Shell.sh("{ echo a; } > out; pwd; echo $PWD").directory(directory).text()))
        .isEqualTo(directory + "\n" + directory + "\n");
    assertThat(directory.resolve("out")).hasContent("a");
  }

  @Test
  void badSettings_areRefused() {
    Script script = Shell.sh("true");

    assertThatThrownBy(() -> script.env("A=B", "c")).isInstanceOf(InvalidCommandException.class);
    assertThatThrownBy(() -> script.withoutEnv("")).isInstanceOf(InvalidCommandException.class);
    assertThatThrownBy(() -> script.timeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> script.captureLimit(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void settings_changeACopy() {
    Script script = Shell.sh("echo $V").env("V", "1");
    script.env("V", "2").clearEnv();

    assertThat(now(script.text())).isEqualTo("1\n");
    assertThat(script).hasToString("echo $V");
  }

  @Test
  void aScriptRunsAnyNumberOfTimes_alsoAtOnce() {
    Script script = Shell.sh("{ echo a; cat < {}; } | sort | tr a-z A-Z", Flux.just("c\n", "b\n"));

    List<String> texts = now(Flux.range(0, 20).flatMap(i -> script.text(), 10).collectList());

    assertThat(texts).hasSize(20).containsOnly("A\nB\nC\n");
  }

  @Test
  void longLists_areRunToTheirEnd() {
    String many = "true && ".repeat(300) + "echo end";
    assertThat(now(Shell.sh(many).text())).isEqualTo("end\n");
    assertThat(now(Shell.sh("true || x; ".repeat(300) + "echo end").text())).isEqualTo("end\n");
    String parsed = "false || ".repeat(50_000) + "true; ".repeat(50_000) + ": ; ";
    assertThat(Shell.sh(parsed)).isNotNull();
  }

  @Test
  void ownRuntime_isUsed() {
    ProcessRuntime runtime = ProcessRuntime.shared();

    assertThat(now(Shell.sh("echo a | cat; echo b").on(runtime).text())).isEqualTo("a\nb\n");
  }

  @Test
  void bytes_areStdoutAsItIs() {
    Flux<byte[]> chunks =
        Shell.sh("printf 'a\\0b'; printf '\\377'")
            .bytes()
            .map(
                buffer -> {
                  byte[] bytes = new byte[buffer.readableBytes()];
                  buffer.readBytes(bytes);
                  buffer.release();
                  return bytes;
                });
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    now(chunks.doOnNext(all::writeBytes).count());

    assertThat(Arrays.toString(all.toByteArray())).isEqualTo("[97, 0, 98, -1]");
  }
}
