/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.function.Tuple2;

/** Children on descriptors that somebody else made and lends to them. */
class LentDescriptorTest {

  @Test
  void childrenOneAfterAnother_writeIntoOneLentPipe() throws SystemCallException {
    Pipe pipe = Pipe.open();
    LentDescriptor stdout = new LentDescriptor(pipe.writeEnd());

    Mono<ExitStatus> both =
        Runs.exit(Command.of("echo", "one"), Map.of(1, stdout))
            .then(
                Runs.exit(Command.of("sh", "-c", "echo two >&2").mergeStderr(), Map.of(1, stdout)))
            .doFinally(end -> stdout.close());

    assertThat(Mono.zip(read(pipe.readEnd()), both).map(Tuple2::getT1).block(SOON))
        .isEqualTo("one\ntwo\n");
  }

  @Test
  void joinedByAPipeOfOurs_theyReadWhatTheOtherWrites() throws SystemCallException {
    Pipe joint = Pipe.open();
    LentDescriptor writeEnd = new LentDescriptor(joint.writeEnd());
    LentDescriptor readEnd = new LentDescriptor(joint.readEnd());
    Pipe result = Pipe.open();
    LentDescriptor stdout = new LentDescriptor(result.writeEnd());

    Mono<ExitStatus> first =
        Runs.exit(Command.of("seq", "3"), Map.of(1, writeEnd)).doFinally(end -> writeEnd.close());
    Mono<ExitStatus> second =
        Runs.exit(Command.of("wc", "-l"), Map.of(0, readEnd, 1, stdout))
            .doFinally(end -> stdout.close());

    assertThat(Mono.zip(read(result.readEnd()), first, second).map(Tuple2::getT1).block(SOON))
        .isEqualTo("3\n");
    readEnd.close();
  }

  @Test
  void pipelinesOneAfterAnother_useThemTogether() throws SystemCallException {
    Pipe input = Pipe.open();
    Pipe output = Pipe.open();
    LentDescriptor stdin = new LentDescriptor(input.readEnd());
    LentDescriptor stdout = new LentDescriptor(output.writeEnd());
    LentDescriptor source = new LentDescriptor(input.writeEnd());
    Map<Integer, LentDescriptor> lent = Map.of(0, stdin, 1, stdout, 2, stdout);
    Pipeline first = Command.shell("read x; echo $x; echo err >&2").pipe(Command.of("cat", "-"));
    Pipeline second = Command.of("cat").pipe(Command.of("sort", "-r"));

    Mono<Boolean> all =
        Runs.exit(Command.of("seq", "3"), Map.of(1, source))
            .doFinally(end -> source.close())
            .then(first.exit(lent))
            .then(second.exit(lent))
            .doFinally(end -> stdin.close())
            .doFinally(end -> stdout.close())
            .thenReturn(true);

    assertThat(Mono.zip(read(output.readEnd()), all).map(Tuple2::getT1).block(SOON))
        .matches("err\n1\n3\n2\n|1\nerr\n3\n2\n");
  }

  @Test
  void whatTheCommandRedirectsItself_goesThere(@TempDir Path directory) throws SystemCallException {
    Pipe pipe = Pipe.open();
    LentDescriptor stdout = new LentDescriptor(pipe.writeEnd());
    Path file = directory.resolve("out");

    Runs.exit(Command.of("echo", "x").stdout(Output.file(file)), Map.of(1, stdout)).block(SOON);
    stdout.close();

    assertThat(file).hasContent("x\n");
    assertThat(read(pipe.readEnd()).block(SOON)).isEmpty();
  }

  @Test
  void teeOfALentOutput_isRefused() throws SystemCallException {
    try (Pipe pipe = Pipe.open();
        LentDescriptor stdout = new LentDescriptor(pipe.writeEnd())) {
      Command teed = Command.of("true").stdout(Output.tee(OutputTarget.consumer(bytes -> {})));

      assertThatThrownBy(() -> Runs.exit(teed, Map.of(1, stdout)).block(SOON))
          .isInstanceOf(InvalidCommandException.class);
    }
  }

  @Test
  void closedWhileBorrowed_staysOpenUntilItIsGivenBack() throws SystemCallException {
    try (Pipe pipe = Pipe.open()) {
      Descriptor end = pipe.writeEnd();
      LentDescriptor lent = new LentDescriptor(end);
      assertThat(lent.borrow()).isEqualTo(end.number());

      lent.close();
      assertThat(end.isOpen()).isTrue();
      assertThatThrownBy(lent::borrow).isInstanceOf(IllegalStateException.class);

      lent.giveBack();
      assertThat(end.isOpen()).isFalse();
    }
  }

  private static Mono<String> read(Descriptor end) throws SystemCallException {
    Flux<ByteBuf> bytes = DescriptorStreams.read(end);
    return bytes
        .map(
            chunk -> {
              String text = chunk.toString(StandardCharsets.UTF_8);
              chunk.release();
              return text;
            })
        .reduce("", String::concat);
  }
}
