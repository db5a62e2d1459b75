/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.MemoryFiles;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.Terminals;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Input that is kept in a sealed file in memory. */
@Timeout(60)
class MemoryStdinTest {
  private static final Duration SOON = Limits.SOON;
  private static final Command SUM = Command.of("sha256sum");

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static String sum(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)) + "  -\n";
  }

  private static String text(Command command) {
    return command.text().blockOptional(SOON).orElseThrow();
  }

  /** Below and above what a spawner thread copies by itself, and around the pieces of the copy. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_536, 262_143, 262_144, 262_145, 1_048_576, 1_048_577, 9_000_000})
  void bytesOfAnySize_arriveAsTheyAre(int size) throws Exception {
    byte[] bytes = random(size);

    assertThat(text(SUM.stdin(Stdin.memory(bytes)))).isEqualTo(sum(bytes));
  }

  @Test
  void piecesOfEveryKind_areOneInput() throws Exception {
    byte[] bytes = random(3_000_000);
    ByteBuffer direct = ByteBuffer.allocateDirect(1_500_000);
    direct.put(bytes, 1_000_000, 1_500_000).flip();
    ByteBuffer heap = ByteBuffer.wrap(bytes, 0, 1_000_000);
    ByteBuffer readOnly = ByteBuffer.wrap(bytes, 2_500_000, 500_000).asReadOnlyBuffer();
    Command command = SUM.stdin(Stdin.memory(heap, direct, ByteBuffer.allocate(0), readOnly));

    assertThat(text(command)).isEqualTo(sum(bytes));
    assertThat(text(command)).isEqualTo(sum(bytes));
    assertThat(List.of(heap.position(), direct.position(), readOnly.position()))
        .containsExactly(0, 0, 2_500_000);
  }

  @Test
  void bufferOfNetty_isReadAndStaysItsOwners() throws Exception {
    byte[] bytes = random(100_000);
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(bytes);
    Command command = SUM.stdin(Stdin.memory(buffer));
    try {
      assertThat(text(command)).isEqualTo(sum(bytes));
      assertThat(text(command)).isEqualTo(sum(bytes));
      assertThat(buffer.refCnt()).isOne();
      assertThat(buffer.readableBytes()).isEqualTo(100_000);
    } finally {
      buffer.release();
    }
    assertThatThrownBy(() -> text(command)).isInstanceOf(IllegalReferenceCountException.class);
  }

  @Test
  void bigBufferThatWasReleased_isAFailedStartToo() {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer().writeZero(2_000_000);
    Command command = SUM.stdin(Stdin.memory(buffer));
    buffer.release();

    assertThatThrownBy(() -> text(command)).isInstanceOf(IllegalReferenceCountException.class);
  }

  @Test
  void child_hasASealedFileReadOnlyAtItsFirstByte() {
    String script = "readlink /proc/self/fd/0; grep -E '^(pos|flags):' /proc/self/fdinfo/0; wc -c";
    byte[] bytes = new byte[5000];

    String said = text(Command.of("sh", "-c", script).stdin(Stdin.memory(bytes)));

    assertThat(said).contains("memfd:").containsPattern("pos:\t0\n").containsPattern("5000");
    // O_RDONLY and O_LARGEFILE at most: neither a write bit nor O_NONBLOCK
    assertThat(said).containsPattern("flags:\t0?100000\n");
  }

  /** Not even root can write, grow or shrink it: opening it anew for writing succeeds, no more. */
  @Test
  void sealedFile_canBeChangedByNobody() {
    Command command =
        Command.shell(
                "printf x 2>&1 1<>/proc/self/fd/0; truncate -s 0 /proc/self/fd/0 2>&1;"
                    + " truncate -s 9 /proc/self/fd/0 2>&1; cat")
            .stdin(Stdin.memory("kept".getBytes(StandardCharsets.UTF_8)));

    assertThat(text(command)).endsWith("kept");
  }

  @Test
  void childrenOfOneCommand_readFromTheFirstByteEach() {
    Command head = Command.shell("head -c 3; sleep 0.05; head -c 3");
    Command command = head.stdin(Stdin.memory("abcdefghi".getBytes(StandardCharsets.UTF_8)));

    List<String> all = Flux.range(0, 30).flatMap(i -> command.text(), 10).collectList().block(SOON);

    assertThat(all).hasSize(30).containsOnly("abcdef");
  }

  @Test
  void descriptorBesideStdin_canBeOneToo() {
    byte[] first = "first ".getBytes(StandardCharsets.UTF_8);
    byte[] second = "second".getBytes(StandardCharsets.UTF_8);
    Command command =
        Command.shell("cat; cat <&9").stdin(Stdin.memory(first)).input(9, Stdin.memory(second));

    assertThat(text(command)).isEqualTo("first second");
  }

  @Test
  void firstStageOfAPipeline_readsIt() throws Exception {
    byte[] bytes = random(2_000_000);

    assertThat(
            Command.of("cat")
                .stdin(Stdin.memory(bytes))
                .pipe(SUM)
                .text()
                .blockOptional(SOON)
                .orElseThrow())
        .isEqualTo(sum(bytes));
  }

  /** As of any file that steps share: each goes on where the one before stopped. */
  @Test
  void stepsOfASequence_shareOneOffset() {
    Sequence steps =
        Command.of("head", "-c", "3")
            .andThen(Command.of("echo"))
            .andThen(Command.of("cat"))
            .stdin(Stdin.memory("abcdef".getBytes(StandardCharsets.UTF_8)));

    assertThat(steps.text().block(SOON)).isEqualTo("abc\ndef");
  }

  /** The child may seek, which no pipe allows. */
  @Test
  void child_canReadTheEndFirst() {
    Command last = Command.of("tail", "-c", "3").stdin(Stdin.memory(new byte[3_000_000]));

    assertThat(text(last)).isEqualTo("\0\0\0");
  }

  @Test
  void cancelWhileItIsCopied_stopsTheCopyAndLeavesNothing() throws Exception {
    CountDownLatch copying = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    int[] pieces = {0};
    MemoryFiles slow =
        new Faulty("", 0) {
          @Override
          public void write(int fd, ByteBuffer direct, String purpose) throws SystemCallException {
            pieces[0]++;
            copying.countDown();
            try {
              cancelled.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            super.write(fd, direct, purpose);
          }
        };
    Command command = SUM.stdin(Stdin.memory(new byte[64 * 1024 * 1024])).on(runtime(slow));
    Disposable running = command.text().subscribe();
    copying.await();

    running.dispose();
    cancelled.countDown();

    Await.until(
        "nothing is left",
        () ->
            Proc.descriptors().values().stream()
                .noneMatch(target -> target.contains("memfd:reactor-proc")));
    assertThat(pieces[0]).isOne();
    assertThat(Proc.children()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "write", "seal", "reopen"})
  void whateverFails_theBytesComeThroughAPipe(String call) throws Exception {
    for (int size : new int[] {10, 3_000_000}) {
      byte[] bytes = random(size);
      Command command = SUM.stdin(Stdin.memory(bytes)).on(runtime(new Faulty(call, 1)));
      int before = Proc.descriptors().size();

      assertThat(text(command)).isEqualTo(sum(bytes));
      Await.until("descriptors are closed", () -> Proc.descriptors().size() <= before);
    }
  }

  @Test
  void withoutSuchFiles_theBytesComeThroughAPipe() throws Exception {
    ChildJvm.run("", List.of("-Dio.reactorproc.without=memfd"), Pumped.class).expectSuccess();
  }

  /** Runs where the probe found no files in memory. */
  static final class Pumped {
    private Pumped() {}

    /** Fails if a file is used after all, or the bytes are others. */
    public static void main(String[] arguments) throws Exception {
      byte[] bytes = random(3_000_000);
      Stdin memory = Stdin.memory(bytes);
      String said = text(Command.shell("readlink /proc/self/fd/0; sha256sum").stdin(memory));
      assertThat(said).startsWith("pipe:").endsWith(sum(bytes));
      Sequence steps = Command.of("head", "-c", "3").andThen(Command.of("cat"));
      String text =
          steps
              .stdin(Stdin.memory("abcdef".getBytes(StandardCharsets.UTF_8)))
              .text()
              .blockOptional(SOON)
              .orElseThrow();
      assertThat(text).startsWith("abc");
      System.exit(0);
    }
  }

  @Test
  void startThatIsTriedAgain_copiesOnce() {
    FaultyKernel kernel = new FaultyKernel();
    kernel.fail("spawn", 2, Errno.EAGAIN);
    Faulty counting = new Faulty("", 0);
    ProcessRuntime runtime =
        new ProcessRuntime(
            EventLoops.shared(),
            kernel,
            ExitWatch.Factory.pidfd(),
            Terminals.system(),
            Sockets.system(),
            counting);

    byte[] bytes = new byte[100];
    Arrays.fill(bytes, (byte) 'x');
    String text = text(Command.of("cat").stdin(Stdin.memory(bytes)).on(runtime));

    assertThat(text).hasSize(100);
    assertThat(counting.created).isOne();
  }

  @Test
  void sharedInput_isCopiedOnceAndReadWholeByEachChild() throws Exception {
    byte[] bytes = random(3_000_000);
    Faulty counting = new Faulty("", 0);
    try (MemoryInput input = MemoryInput.of(bytes)) {
      Command command = SUM.stdin(input.stdin()).on(runtime(counting));

      List<String> sums =
          Flux.range(0, 30).flatMap(i -> command.text(), 8).distinct().collectList().block(SOON);

      assertThat(sums).containsExactly(sum(bytes));
      assertThat(counting.created).isOne();
      Sequence steps = Command.of("head", "-c", "3").andThen(SUM).stdin(input.stdin());
      assertThat(steps.text().block(SOON)).endsWith(sum(Arrays.copyOfRange(bytes, 3, 3_000_000)));
    }
  }

  @Test
  void sharedInputThatIsClosed_isReadToItsEndByThoseThatRun() {
    MemoryInput input = MemoryInput.of(ByteBuffer.wrap(new byte[2_000_000]));
    Command slow = Command.shell("echo up; read go <&3; wc -c").input(3, Stdin.pipe());
    RunningProcess child = slow.stdin(input.stdin()).start().blockOptional(SOON).orElseThrow();
    List<String> said = new CopyOnWriteArrayList<>();
    child.lines().subscribe(said::add);
    Await.until("it runs", () -> said.contains("up"));

    input.close();
    input.close();
    child.input(3).write("go\n").block(SOON);

    Await.until("it has read all", () -> said.contains("2000000"));
    child.exit().block(SOON);
    child.dispose();
    assertThatThrownBy(() -> text(SUM.stdin(input.stdin())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void sharedInputThatNobodyReads_leavesNothing() {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.heapBuffer().writeByte(1);
    MemoryInput.of(buffer).close();
    buffer.release();
    MemoryInput failing = MemoryInput.of(new byte[10]);
    assertThatThrownBy(() -> text(Command.of("no-such-program").stdin(failing.stdin())))
        .hasCauseInstanceOf(ProcessStartException.class);
    failing.close();
  }

  private static ProcessRuntime runtime(MemoryFiles files) {
    return new ProcessRuntime(
        EventLoops.shared(),
        Kernel.system(),
        ExitWatch.Factory.pidfd(),
        Terminals.system(),
        Sockets.system(),
        files);
  }

  /** The files of this machine, of which a call fails. */
  private static class Faulty implements MemoryFiles {
    private final MemoryFiles real = MemoryFiles.system();
    private final String failing;
    private int left;
    int created;

    Faulty(String failing, int times) {
      this.failing = failing;
      this.left = times;
    }

    private void enter(String call) throws SystemCallException {
      if (call.equals(failing) && left-- > 0) {
        throw new SystemCallException(call, Errno.ENOSPC.intValue(), "fail");
      }
    }

    @Override
    public int create(String purpose) throws SystemCallException {
      enter("create");
      created++;
      return real.create(purpose);
    }

    @Override
    public void write(int fd, ByteBuffer direct, String purpose) throws SystemCallException {
      enter("write");
      real.write(fd, direct, purpose);
    }

    @Override
    public void seal(int fd, String purpose) throws SystemCallException {
      enter("seal");
      real.seal(fd, purpose);
    }

    @Override
    public int reopen(int fd, String purpose) throws SystemCallException {
      enter("reopen");
      return real.reopen(fd, purpose);
    }
  }
}
