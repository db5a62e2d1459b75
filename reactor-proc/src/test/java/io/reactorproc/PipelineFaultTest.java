/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.PipeEnds;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/** Each system call of the start of a pipeline fails once: one error, and nothing is left. */
class PipelineFaultTest {
  private static final Set<String> TOLERATED = Set.of("setPipeCapacity", "isInheritable");

  private final FaultyKernel kernel = new FaultyKernel();
  private final ProcessRuntime runtime = runtime(kernel);

  @ParameterizedTest(name = "call {0}, {1} fails with {2}")
  @MethodSource("everyCallOfAStart")
  void callThatFails_isOneErrorAndLeavesNothing(int index, String call, Errno errno) {
    Pipeline pipeline = everything().on(runtime);
    int before = Proc.descriptors().size();
    kernel.failAt(index, errno);

    Throwable error = errorOf(pipeline.exit());

    boolean hasReserve = call.equals("pidfdOpen") && errno == Errno.EMFILE;
    if (TOLERATED.contains(call) || hasReserve) {
      assertThat(error).isNull();
    } else {
      assertThat(error).isInstanceOf(ProcessStartException.class);
      assertThat(((ProcessStartException) error).errnoName()).contains(errno.name());
      assertThat(((ProcessStartException) error).stage()).isPresent();
    }
    assertThat(runtime.liveChildren()).isZero();
    assertThat(Proc.children()).isEmpty();
    Await.until("descriptors are closed", () -> Proc.descriptors().size() <= before);

    kernel.failAt(-1, errno);
    assertThat(errorOf(pipeline.exit())).isNull();
  }

  static Stream<Arguments> everyCallOfAStart() {
    FaultyKernel kernel = new FaultyKernel();
    Pipeline pipeline = everything().on(runtime(kernel));
    assertThat(errorOf(pipeline.exit())).isNull(); // opens what is kept
    kernel.failAt(-1, Errno.EIO);
    assertThat(errorOf(pipeline.exit())).isNull();
    List<String> calls = kernel.calls();
    assertThat(calls.stream().filter("spawn"::equals)).hasSize(3);
    return IntStream.range(0, calls.size())
        .boxed()
        .flatMap(
            i -> Stream.of(Errno.EMFILE, Errno.ENOMEM).map(e -> Arguments.of(i, calls.get(i), e)));
  }

  private static Pipeline everything() {
    return Command.of("/bin/cat")
        .directory(Path.of("/tmp"))
        .stdin(Stdin.text("x"))
        .pipe(Command.of("/bin/cat").stderr(Output.append(Path.of("/dev/null"))))
        .pipe(flux -> flux)
        .pipe(Command.of("/bin/cat").input(20, Stdin.empty()))
        .pipeCapacity(65_536);
  }

  @Test
  void spawnThatMaySucceedLater_isTriedAgainAndStartsNoStageTwice(@TempDir Path directory) {
    Path trace = directory.resolve("trace");
    AtomicInteger spawns = new AtomicInteger();
    FaultyKernel busy = new FaultyKernel();
    Command once = Command.of("sh", "-c", "echo x >> \"$0\"; cat", trace.toString());
    Pipeline pipeline = once.pipe(once).pipe(once).on(runtime(busy));
    assertThat(errorOf(pipeline.exit())).isNull();
    busy.failAt(-1, Errno.EIO);
    assertThat(errorOf(pipeline.exit())).isNull();
    int second =
        IntStream.range(0, busy.calls().size())
            .filter(i -> busy.calls().get(i).equals("spawn") && spawns.incrementAndGet() == 2)
            .findFirst()
            .orElseThrow();

    busy.failAt(second, Errno.EAGAIN);
    assertThat(errorOf(pipeline.exit())).isNull();

    assertThat(busy.calls().stream().filter("spawn"::equals)).hasSize(4);
    assertThat(trace).hasContent("x\n".repeat(9).strip());
  }

  @Test
  void groupThatNobodyIsInAnyMore_isLeftForOneOfItsOwn() {
    FaultyKernel refused = new FaultyKernel();
    Pipeline pipeline = Command.of("echo", "x").pipe(Command.of("cat")).on(runtime(refused));
    assertThat(pipeline.text().block(SOON)).isEqualTo("x\n");
    refused.failAt(-1, Errno.EIO);
    assertThat(pipeline.text().block(SOON)).isEqualTo("x\n");

    refused.failAt(refused.calls().lastIndexOf("spawn"), Errno.EPERM);

    assertThat(pipeline.text().block(SOON)).isEqualTo("x\n");
  }

  @Test
  void pipeThatEpollRefuses_endsAllStages() {
    AtomicInteger pipes = new AtomicInteger();
    FaultyKernel refused =
        new FaultyKernel() {
          @Override
          public long pipe(String purpose) throws SystemCallException {
            long ends = super.pipe(purpose);
            if (!purpose.equals("make the pipe of an output") || pipes.incrementAndGet() != 2) {
              return ends;
            }
            close(PipeEnds.readEnd(ends));
            return PipeEnds.of(
                open(ExecutableLookup.cString("/etc/passwd"), 0, 0, "have a regular file"),
                PipeEnds.writeEnd(ends));
          }
        };
    Command sleep = Command.of("sleep", "1000");
    ProcessRuntime runtime = runtime(refused);

    Throwable error = errorOf(sleep.pipe(sleep).pipe(sleep).on(runtime).exit());

    assertThat(error).isInstanceOf(ProcessStartException.class);
    assertThat(((ProcessStartException) error).stage()).hasValue(1);
    assertThat(runtime.liveChildren()).isZero();
    assertThat(Proc.children()).isEmpty();
  }

  private static ProcessRuntime runtime(FaultyKernel kernel) {
    return new ProcessRuntime(EventLoops.shared(), kernel, ExitWatch.Factory.pidfd());
  }

  private static @Nullable Throwable errorOf(Mono<?> run) {
    try {
      run.block(SOON);
      return null;
    } catch (RuntimeException thrown) {
      return Exceptions.unwrap(thrown);
    }
  }
}
