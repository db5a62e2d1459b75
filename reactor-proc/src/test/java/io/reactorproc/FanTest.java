/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.FanIn;
import io.reactorproc.ipc.FanOut;
import io.reactorproc.ipc.FanOut.WhenFull;
import io.reactorproc.ipc.FanOutResult;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The output of one child for several, and the outputs of several for one. */
@Timeout(120)
class FanTest {
  private static final long SIZE = 32 << 20;
  private static final Command SOURCE = Command.of("head", "-c", "32M", "/dev/zero");

  @TempDir Path directory;

  private static FanOut.Target into(Command command, CompletableFuture<String> answer) {
    return branch ->
        command
            .stdin(Stdin.publisher(branch.bytes()))
            .text()
            .doOnNext(text -> answer.complete(text.strip()))
            .then();
  }

  private static FanOutResult run(FanOut policy, Flux<ByteBuf> source, FanOut.Target... targets) {
    return Objects.requireNonNull(policy.connect(source, targets).block(SOON));
  }

  @Test
  void slowest_givesChildrenFilesAndSubscribersEveryByte() throws IOException {
    CompletableFuture<String> first = new CompletableFuture<>();
    CompletableFuture<String> second = new CompletableFuture<>();
    AtomicLong counted = new AtomicLong();
    Path copy = directory.resolve("copy");

    FanOutResult result =
        run(
            FanOut.slowest(),
            SOURCE.bytes(),
            into(Command.of("wc", "-c"), first),
            into(Command.of("sh", "-c", "gzip -1 -c | gzip -dc | wc -c"), second),
            OutputTarget.file(copy).asTarget(),
            branch ->
                branch
                    .bytes()
                    .doOnNext(
                        chunk -> {
                          counted.addAndGet(chunk.readableBytes());
                          chunk.release();
                        })
                    .then());

    assertThat(result.targets())
        .hasSize(4)
        .allSatisfy(
            delivery -> assertThat(delivery).isEqualTo(new FanOutResult.Delivery(SIZE, 0, null)));
    assertThat(first.join()).isEqualTo("33554432");
    assertThat(second.join()).isEqualTo("33554432");
    assertThat(counted).hasValue(SIZE);
    assertThat(Files.size(copy)).isEqualTo(SIZE);
  }

  @Test
  void fastest_letsTheSlowChildLose() {
    CompletableFuture<String> fast = new CompletableFuture<>();
    FanOutResult result =
        run(
            FanOut.fastest(),
            SOURCE.bytes(),
            into(Command.of("wc", "-c"), fast),
            branch ->
                Command.of("sh", "-c", "read hold; cat")
                    .stdin(Stdin.publisher(branch.bytes()))
                    .exit()
                    .takeUntilOther(Mono.fromFuture(fast))
                    .then());

    FanOutResult.Delivery quick = result.targets().get(0);
    assertThat(fast.join()).isEqualTo(Long.toString(quick.delivered()));
    assertThat(quick.delivered() + quick.lost()).isEqualTo(SIZE);
    assertThat(result.targets().get(1).lost()).isGreaterThan(quick.lost());
  }

  @Test
  void childThatExits_doesNotHurtTheOthers() {
    CompletableFuture<String> all = new CompletableFuture<>();
    FanOutResult result =
        run(
            FanOut.buffered(256 * 1024, WhenFull.WAIT),
            SOURCE.bytes(),
            into(Command.of("wc", "-c"), all),
            into(Command.of("head", "-c", "10"), new CompletableFuture<>()));

    assertThat(all.join()).isEqualTo("33554432");
    assertThat(result.targets().get(1).failure()).isNull();
    assertThat(result.targets().get(1).delivered()).isLessThan(SIZE);
  }

  @Test
  void whenEveryTargetIsGone_theSourceIsEnded() {
    FanOutResult result =
        run(
            FanOut.slowest(),
            Command.of("yes").bytes(),
            into(Command.of("head", "-n", "1"), new CompletableFuture<>()),
            into(Command.of("head", "-n", "2"), new CompletableFuture<>()));

    assertThat(result.targets()).allSatisfy(each -> assertThat(each.failure()).isNull());
  }

  @Test
  void fileThatCannotBeOpened_isTheFailureOfItsTargetOnly() {
    CompletableFuture<String> all = new CompletableFuture<>();
    FanOutResult result =
        run(
            FanOut.slowest(),
            SOURCE.bytes(),
            OutputTarget.file(directory.resolve("missing/file")).asTarget(),
            into(Command.of("wc", "-c"), all));

    assertThat(result.targets().get(0).failure()).isInstanceOf(IOException.class);
    assertThat(all.join()).isEqualTo("33554432");
  }

  @Test
  void channelThatFailsHalfway_isTheFailureOfItsTargetOnly() {
    AtomicLong written = new AtomicLong();
    CompletableFuture<String> all = new CompletableFuture<>();
    OutputTarget full =
        () ->
            new WritableByteChannel() {
              @Override
              public int write(ByteBuffer bytes) throws IOException {
                if (written.get() > 1_000_000) {
                  throw new IOException("no space left, says the test");
                }
                int size = bytes.remaining();
                bytes.position(bytes.limit());
                written.addAndGet(size);
                return size;
              }

              @Override
              public boolean isOpen() {
                return true;
              }

              @Override
              public void close() {}
            };
    FanOutResult result =
        run(FanOut.slowest(), SOURCE.bytes(), full.asTarget(), into(Command.of("wc", "-c"), all));

    assertThat(result.targets().get(0).failure()).hasMessageContaining("no space left");
    assertThat(all.join()).isEqualTo("33554432");
  }

  @Test
  void cancel_endsSourceAndTargets() {
    Disposable running =
        FanOut.slowest()
            .connect(
                Command.of("yes").bytes(),
                branch ->
                    Command.of("sleep", "1000")
                        .stdin(Stdin.publisher(branch.bytes()))
                        .exit()
                        .then(),
                OutputTarget.file(directory.resolve("copy")).asTarget())
            .subscribe();
    Await.until("both children run", () -> Proc.children().size() == 2);
    running.dispose();

    Await.until("both are gone", () -> Proc.children().isEmpty());
  }

  @Test
  void byLine_mixesNoLinesOfThreeChildren() {
    String line = "for i in $(seq 2000); do printf '%s' $0; printf '%s' $0$0$0; echo $0; done";
    Flux<ByteBuf> merged =
        FanIn.of(
                Command.of("sh", "-c", line, "a").bytes(),
                Command.of("sh", "-c", line, "b").bytes(),
                Command.of("sh", "-c", line, "c").bytes())
            .byLine();
    String sorted =
        Command.of("sh", "-c", "sort | uniq -c").stdin(Stdin.publisher(merged)).text().block(SOON);

    assertThat(sorted).isNotNull();
    List<String> counts = Arrays.stream(sorted.split("\n", -1)).map(String::strip).toList();
    assertThat(counts).containsExactly("2000 aaaaa", "2000 bbbbb", "2000 ccccc", "");
  }

  @Test
  void inOrder_isWhatCatWouldGive() {
    Flux<ByteBuf> merged =
        FanIn.of(Command.of("seq", "1", "2").bytes(), Command.of("seq", "3", "4").bytes())
            .inOrder();

    assertThat(Command.of("cat").stdin(Stdin.publisher(merged)).text().block(SOON))
        .isEqualTo("1\n2\n3\n4\n");
  }

  @Test
  void readerThatExits_endsEverySource() {
    Flux<ByteBuf> merged =
        FanIn.of(Command.of("yes", "a").bytes(), Command.of("yes", "b").bytes()).byLine();

    assertThat(Command.of("head", "-n", "1").stdin(Stdin.publisher(merged)).text().block(SOON))
        .isIn("a\n", "b\n");
    Await.until("no child is left", () -> Proc.children().isEmpty());
  }

  @Test
  void readerThatDoesNotRead_makesEverySourceWait() {
    Flux<ByteBuf> merged =
        FanIn.of(Command.of("yes", "a").bytes(), Command.of("yes", "b").bytes()).byChunk();
    Disposable running =
        Command.of("sleep", "1000").stdin(Stdin.publisher(merged)).exit().subscribe();
    Await.until(
        "both wait", () -> Proc.children().values().stream().filter("S yes"::equals).count() == 2);
    running.dispose();

    Await.until("all are gone", () -> Proc.children().isEmpty());
  }
}
