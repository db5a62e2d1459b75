/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfExecutable;
import io.reactorproc.testkit.Proc;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A child's descriptor that goes both ways. */
@Timeout(60)
class ChannelTest {
  private static final Duration SOON = Limits.SOON;

  private static Channel of(Channel.Kind kind) {
    return kind == Channel.Kind.PIPE_PAIR ? Channel.pipePair() : Channel.socketPair();
  }

  /** A script that reads descriptor $in and writes $out. */
  private static Command script(Channel.Kind kind, int descriptor, String text) {
    int out = kind == Channel.Kind.PIPE_PAIR ? descriptor + 1 : descriptor;
    String bound = text.replace("$in", "" + descriptor).replace("$out", "" + out);
    return Command.shell(bound).channel(descriptor, of(kind));
  }

  private static <T> T using(Command command, Function<RunningProcess, Mono<T>> use) {
    RunningProcess child = started(command);
    try {
      return Objects.requireNonNull(use.apply(child).block(SOON));
    } finally {
      child.dispose();
      child.exit().block(SOON);
    }
  }

  private static RunningProcess started(Command command) {
    return Objects.requireNonNull(command.start().block(SOON));
  }

  private static Mono<String> text(Flux<ByteBuf> bytes) {
    return bytes
        .map(
            chunk -> {
              String text = chunk.toString(StandardCharsets.UTF_8);
              chunk.release();
              return text;
            })
        .collectList()
        .map(parts -> String.join("", parts));
  }

  @ParameterizedTest
  @EnumSource
  void shellAnswersOnTheSameChannel(Channel.Kind kind) {
    Command answering = script(kind, 3, "read line <&$in; echo \"got $line\" >&$out");

    String answer =
        using(
            answering,
            child -> {
              ProcessChannel channel = child.channel(3);
              return channel.sink().write("hello\n").then(text(channel.receive()));
            });

    assertThat(answer).isEqualTo("got hello\n");
  }

  @ParameterizedTest
  @EnumSource
  void manyTurns_goBackAndForth(Channel.Kind kind) {
    Command echo = script(kind, 7, "while read x <&$in; do echo \"$x$x\" >&$out; done");

    List<String> answers =
        using(
            echo,
            child -> {
              ProcessChannel channel = child.channel(7);
              AtomicInteger next = new AtomicInteger(1);
              return channel
                  .sink()
                  .write("0\n")
                  .thenMany(channel.lines())
                  .concatMap(
                      line -> {
                        int turn = next.getAndIncrement();
                        return turn < 500
                            ? channel.sink().write(turn + "\n").thenReturn(line)
                            : channel.sink().close().thenReturn(line);
                      })
                  .collectList();
            });

    assertThat(answers).hasSize(500).startsWith("00", "11").endsWith("499499");
  }

  @ParameterizedTest
  @EnumSource
  void halfClose_letsTheChildSeeTheEndAndAnswerAfterIt(Channel.Kind kind) {
    Command counting = script(kind, 3, "wc -c <&$in >&$out");

    String answer =
        using(
            counting,
            child -> {
              ProcessChannel channel = child.channel(3);
              return channel
                  .sink()
                  .write("0123456789".repeat(50_000))
                  .then(channel.sink().close())
                  .then(text(channel.receive()));
            });

    assertThat(answer.strip()).isEqualTo("500000");
  }

  @ParameterizedTest
  @EnumSource
  void childThatIsDoneWriting_canStillBeWrittenTo(Channel.Kind kind) {
    // A socket's write direction cannot be closed by a shell: there the exit does.
    String script =
        kind == Channel.Kind.PIPE_PAIR
            ? "echo first >&$out; exec $out>&-; cat <&$in"
            : "echo first >&$out; cat <&$in";
    RunningProcess child = started(script(kind, 3, script));
    ProcessChannel channel = child.channel(3);

    assertThat(channel.lines().blockFirst(SOON)).isEqualTo("first");
    WriteOutcome outcome = channel.sink().write("second").blockOptional(SOON).orElseThrow();
    channel.sink().close().block(SOON);

    assertThat(outcome.readerGone()).isFalse();
    assertThat(text(child.stdout()).block(SOON)).isEqualTo("second");
    text(child.stderr()).block(SOON);
    assertThat(child.exit().block(SOON)).hasToString("exit code 0");
  }

  /** Who waits for room in a socket just then gets EPIPE without the signal. */
  @ParameterizedTest
  @EnumSource
  void cancelOfTheReceiving_endsAChildThatWritesOn(Channel.Kind kind) {
    RunningProcess child = started(script(kind, 3, "exec yes >&$out"));

    text(child.channel(3).receive().take(1)).block(SOON);

    assertThat(Objects.requireNonNull(child.exit().block(SOON)).toString())
        .isIn("SIGPIPE", "exit code 1");
    String said = text(child.stderr()).block(SOON);
    assertThat(said).matches("|.*Broken pipe\\n");
    child.dispose();
  }

  @ParameterizedTest
  @EnumSource
  void withoutDemand_theChildWaits(Channel.Kind kind) {
    // Its own count of what it could write goes to stdout, a megabyte would be the whole.
    Command writing = script(kind, 3, "head -c 4000000 /dev/zero >&$out; echo all");
    RunningProcess child = started(writing);
    List<String> said = new java.util.concurrent.CopyOnWriteArrayList<>();
    child.lines().subscribe(said::add);
    ProcessChannel channel = child.channel(3);
    AtomicInteger seen = new AtomicInteger();
    BaseSubscriber<ByteBuf> slow =
        new BaseSubscriber<>() {
          @Override
          protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
            subscription.request(1);
          }

          @Override
          protected void hookOnNext(ByteBuf chunk) {
            seen.addAndGet(chunk.readableBytes());
            chunk.release();
          }
        };
    channel.receive().subscribe(slow);

    Await.until("one chunk came", () -> seen.get() > 0);
    int pid = child.startedPid();
    Await.until(
        "head waits for us",
        () ->
            Proc.children(pid).keySet().stream()
                .anyMatch(head -> Proc.state(head).equals(java.util.Optional.of('S'))));
    assertThat(said).isEmpty();
    assertThat(seen.get()).isLessThanOrEqualTo(64 * 1024);

    slow.requestUnbounded();
    Await.until("all is said", () -> said.contains("all"));
    Await.until("all is received", () -> seen.get() == 4_000_000);
    assertThat(child.exit().block(SOON)).hasToString("exit code 0");
    child.dispose();
  }

  /** Data of before the exit stays readable after it, as that of stdout does. */
  @ParameterizedTest
  @EnumSource
  void whatWasWrittenBeforeTheExit_isReceivedAfterIt(Channel.Kind kind) {
    RunningProcess child = started(script(kind, 3, "echo last words >&$out"));
    assertThat(child.exit().block(SOON)).hasToString("exit code 0");

    assertThat(text(child.channel(3).receive()).block(SOON)).isEqualTo("last words\n");
    child.dispose();
  }

  /** A Unix socket that is closed with unread data resets its peer, behind what it had sent. */
  @ParameterizedTest
  @EnumSource
  void childThatLeavesOurBytesUnread_isAnEndAndNoError(Channel.Kind kind) {
    RunningProcess child =
        started(script(kind, 3, "echo answer >&$out; read go; exit 0").stdin(Stdin.pipe()));
    ProcessChannel channel = child.channel(3);
    assertThat(channel.sink().write("never read").block(SOON))
        .isEqualTo(new WriteOutcome(10, false));
    child.stdin().write("go\n").block(SOON);
    assertThat(child.exit().block(SOON)).hasToString("exit code 0");

    assertThat(text(channel.receive()).block(SOON)).isEqualTo("answer\n");
    assertThat(channel.sink().write("more").blockOptional(SOON).orElseThrow().readerGone())
        .isTrue();
    child.dispose();
  }

  /** As for stdout: who holds the child's end delays the end by the grace, and no more. */
  @Test
  void grandchildThatKeepsTheChannel_delaysItsEndByTheGrace() {
    Command leaving =
        Command.shell("echo bye >&3; sleep 1000 >/dev/null 2>&1 & exit 0")
            .channel(3, Channel.socketPair())
            .outputGrace(Duration.ofMillis(50));
    RunningProcess child = started(leaving);
    assertThat(text(child.channel(3).receive()).block(SOON)).isEqualTo("bye\n");
    child.dispose();
    endOrphans(child);
  }

  private static void endOrphans(RunningProcess leader) {
    // The library signals a group only while its leader is there; this one has its sleep still.
    Command.of("kill", "-KILL", "--", "-" + leader.startedPid()).exit().block(SOON);
  }

  @Test
  void announcement_tellsTheNumber() {
    Command command =
        Command.shell("echo $CHANNEL $PIPES >&5")
            .channel(5, Channel.socketPair().announcedAs("CHANNEL"))
            .channel(10, Channel.pipePair().announcedAs("PIPES"))
            .env("CHANNEL", "something else")
            .clearEnv();

    String said = using(command, child -> child.channel(5).lines().next());

    assertThat(said).isEqualTo("5 10,11");
  }

  @Test
  void twoChannels_areApart() {
    Command command =
        Command.shell("read a <&3; read b <&4; echo \"a=$a\" >&3; echo \"b=$b\" >&4")
            .channel(3, Channel.socketPair())
            .channel(4, Channel.socketPair());

    List<String> answers =
        using(
            command,
            child ->
                child
                    .channel(4)
                    .sink()
                    .write("four\n")
                    .then(child.channel(3).sink().write("three\n"))
                    .thenMany(Flux.concat(child.channel(3).lines(), child.channel(4).lines()))
                    .collectList());

    assertThat(answers).containsExactly("a=three", "b=four");
  }

  @Test
  void fiftyChannels_ofBothKindsAreEachTheirOwn() {
    Command command =
        Command.shell(
            "for i in $(seq 3 52); do echo $i >/proc/self/fd/1 2>/dev/null; done;"
                + " i=100; while [ $i -lt 150 ]; do eval \"read x </proc/self/fd/$i\"; "
                + "echo $x$x >/proc/self/fd/$((i+1)); i=$((i+2)); done");
    for (int i = 0; i < 50; i++) {
      command = command.channel(3 + i, Channel.socketPair());
    }
    for (int fd = 100; fd < 150; fd += 2) {
      command = command.channel(fd, Channel.pipePair());
    }

    List<String> answers =
        using(
            command,
            child ->
                Flux.range(0, 25)
                    .concatMap(
                        i -> {
                          ProcessChannel channel = child.channel(100 + 2 * i);
                          return channel.sink().write(i + "\n").then(channel.lines().next());
                        })
                    .collectList());

    assertThat(answers).hasSize(25).startsWith("00", "11", "22").endsWith("2424");
  }

  @Test
  void childsEnd_blocksAndIsTheOnlyOneThere() {
    ChildDescriptorsTest.whileRunning(
        Command.of("sleep", "1000")
            .channel(3, Channel.socketPair())
            .channel(20, Channel.pipePair()),
        pid -> {
          Map<Integer, String> descriptors = Proc.descriptors(pid);
          assertThat(descriptors).containsOnlyKeys(0, 1, 2, 3, 20, 21);
          assertThat(descriptors.get(3)).startsWith("socket:");
          for (int fd : List.of(3, 20, 21)) {
            assertThat(ChildDescriptorsTest.isBlocking(pid, fd)).as("descriptor " + fd).isTrue();
          }
        });
  }

  @Test
  void ourEnds_areNotInherited() throws Exception {
    RunningProcess child = started(Command.of("sleep", "1000").channel(3, Channel.socketPair()));
    try {
      Process other = new ProcessBuilder("ls", "-l", "/proc/self/fd").start();
      String listed = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(listed).doesNotContain("socket:");
      other.waitFor();
    } finally {
      child.dispose();
      child.exit().block(SOON);
    }
  }

  @Test
  void stageOfAPipeline_hasItsChannel() {
    Pipeline pipeline =
        Command.shell("read x <&3; echo \"$x\"")
            .channel(3, Channel.socketPair())
            .pipe(Command.shell("read y; echo \"<$y>\" >&9").channel(9, Channel.socketPair()));
    RunningPipeline running = Objects.requireNonNull(pipeline.start().block(SOON));

    running.stage(0).channel(3).sink().write("through\n").block(SOON);

    assertThat(running.stage(1).channel(9).lines().blockFirst(SOON)).isEqualTo("<through>");
    running.dispose();
    running.exit().block(SOON);
  }

  @Test
  void eachSubscription_hasChannelsOfItsOwn() {
    Command answering = script(Channel.Kind.SOCKET_PAIR, 3, "read x <&$in; echo $x >&$out");

    List<String> answers =
        Flux.range(0, 20)
            .flatMap(
                i ->
                    answering
                        .start()
                        .flatMap(
                            child ->
                                child
                                    .channel(3)
                                    .sink()
                                    .write(i + "\n")
                                    .then(child.channel(3).lines().next())
                                    .doFinally(end -> child.dispose())))
            .sort()
            .collectList()
            .blockOptional(SOON)
            .orElseThrow();

    assertThat(answers).hasSize(20).doesNotHaveDuplicates();
    Await.until("all are reaped", () -> Proc.children().isEmpty());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("clashes")
  void numberThatIsTaken_isRefusedBeforeAnythingStarts(String what, Runnable call, String says) {
    assertThatThrownBy(call::run)
        .isInstanceOf(InvalidCommandException.class)
        .hasMessageContaining(says);
  }

  static Stream<Arguments> clashes() {
    Command cat = Command.of("cat");
    Command paired = cat.channel(5, Channel.pipePair());
    return Stream.of(
        clash("stdin", () -> cat.channel(0, Channel.socketPair()), "3 to 255"),
        clash("stdout", () -> cat.channel(1, Channel.socketPair()), "3 to 255"),
        clash("stderr", () -> cat.channel(2, Channel.pipePair()), "3 to 255"),
        clash("too high", () -> cat.channel(256, Channel.socketPair()), "3 to 255"),
        clash("pair too high", () -> cat.channel(255, Channel.pipePair()), "not 256"),
        clash(
            "an input",
            () -> cat.input(3, Stdin.empty()).channel(3, Channel.socketPair()),
            "an input or output and a channel"),
        clash(
            "an output",
            () -> cat.output(4, Output.standard()).channel(3, Channel.pipePair()),
            "descriptor 4"),
        clash("input on a pair", () -> paired.input(6, Stdin.empty()), "that of a channel"),
        clash("output on a pair", () -> paired.output(5, Output.discard()), "that of a channel"),
        clash("channel on a pair", () -> paired.channel(6, Channel.socketPair()), "a channel"),
        clash("pair on a channel", () -> paired.channel(4, Channel.pipePair()), "a channel"),
        clash("empty name", () -> Channel.socketPair().announcedAs(""), "not empty"),
        clash("= in the name", () -> Channel.socketPair().announcedAs("A="), "no '='"));
  }

  private static Arguments clash(String what, Runnable call, String says) {
    return Arguments.of(what, call, says);
  }

  @Test
  void channelOfTheSameNumber_takesThePlaceOfTheOther() {
    Command command =
        Command.shell("echo ok >&6")
            .channel(5, Channel.socketPair())
            .channel(5, Channel.pipePair());

    String said = using(command, child -> child.channel(5).lines().next());

    assertThat(said).isEqualTo("ok");
  }

  @Test
  void waysToRunWithoutAHandle_refuseChannels() {
    Command command = Command.of("true").channel(3, Channel.socketPair());

    for (org.reactivestreams.Publisher<?> run :
        List.of(command.output(), command.lines(), command.events(), command.exit())) {
      StepVerifier.create(run)
          .verifyErrorSatisfies(
              error ->
                  assertThat(error)
                      .isInstanceOf(InvalidCommandException.class)
                      .hasMessageContaining("start()"));
    }
    StepVerifier.create(command.pipe(Command.of("cat")).lines())
        .verifyError(InvalidCommandException.class);
    StepVerifier.create(Command.of("true").then(command).exit())
        .verifyError(InvalidCommandException.class);
  }

  @Test
  void channelThatWasNotDeclared_isAnIllegalState() {
    RunningProcess child = started(Command.of("true").input(3, Stdin.pipe()));

    assertThatThrownBy(() -> child.channel(3)).isInstanceOf(IllegalStateException.class);
    child.dispose();
    child.exit().block(SOON);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  void cancelAndDisposalAtAnyMoment_leaveNothing(int round) {
    Command busy =
        Command.shell("yes >&3 & cat <&4 >/dev/null; wait")
            .channel(3, Channel.socketPair())
            .channel(4, Channel.socketPair())
            .termination(Termination.kill());
    RunningProcess child = started(busy);
    child.channel(3).receive().subscribe(ByteBuf::release);
    child.channel(4).sink().writeText(Flux.just("x".repeat(10_000)).repeat()).subscribe();
    Await.within(Duration.ofMillis(round), () -> false);

    child.dispose();

    assertThat(child.exit().block(SOON)).isNotNull();
  }

  /** Node's own protocol: one JSON text on each line, both ways, on a Unix socket. */
  @Test
  @EnabledIfExecutable("node")
  void node_talksItsIpcProtocol() {
    Command node =
        Command.of(
                "node",
                "-e",
                "process.on('message', m => { if (m.stop) process.disconnect();"
                    + " else process.send({twice: m.n * 2}); }); process.send('up');")
            .channel(3, Channel.socketPair().announcedAs("NODE_CHANNEL_FD"));

    List<String> messages =
        using(
            node,
            child -> {
              ProcessChannel channel = child.channel(3);
              AtomicInteger next = new AtomicInteger(1);
              return channel
                  .lines()
                  .concatMap(
                      line -> {
                        int n = next.getAndIncrement();
                        String message = n <= 100 ? "{\"n\":" + n + "}\n" : "{\"stop\":true}\n";
                        return channel.sink().write(message).thenReturn(line);
                      })
                  .collectList()
                  .delayUntil(all -> child.exit());
            });

    assertThat(messages)
        .hasSize(101)
        .startsWith("\"up\"", "{\"twice\":2}", "{\"twice\":4}")
        .endsWith("{\"twice\":200}");
  }
}
