/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ProcessStartException.Reason;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SpawnRequest;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

/** Failures that may pass are met with patience, and the patience is bounded. */
class StartRetryTest {
  private static final int MOST_ATTEMPTS = 8;

  @TempDir Path directory;
  private final FaultyKernel kernel = new FaultyKernel();
  private final ProcessRuntime runtime =
      new ProcessRuntime(EventLoops.shared(), kernel, ExitWatch.Factory.pidfd());

  @Test
  void programThatIsOpenForWriting_isEtxtbsyAfterSomePatience() throws IOException {
    Path program = copyOfTrue();
    try (FileChannel writer = FileChannel.open(program, StandardOpenOption.WRITE)) {
      StepVerifier.create(Command.of(program.toString()).on(runtime).exit())
          .expectErrorSatisfies(error -> assertFailure(error, Reason.EXECUTABLE, "ETXTBSY"))
          .verify(Limits.SOON);
      assertThat(writer.isOpen()).isTrue();
    }
    assertThat(spawns()).isEqualTo(MOST_ATTEMPTS);
  }

  @Test
  void programThatIsClosedMeanwhile_starts() throws IOException {
    Path program = copyOfTrue();
    AtomicInteger attempts = new AtomicInteger();
    FileChannel writer = FileChannel.open(program, StandardOpenOption.WRITE);
    ProcessRuntime closing =
        new ProcessRuntime(
            EventLoops.shared(),
            new FaultyKernel() {
              @Override
              public int spawn(SpawnRequest request, SpawnArena arena) throws SystemCallException {
                if (attempts.incrementAndGet() == 3) {
                  close(writer);
                }
                return super.spawn(request, arena);
              }

              private void close(FileChannel channel) {
                try {
                  channel.close();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              }
            },
            ExitWatch.Factory.pidfd());

    ExitStatus status = Command.of(program.toString()).on(closing).exit().block(Limits.SOON);

    assertThat(status).hasToString("exit code 0");
    assertThat(attempts).hasValue(3);
  }

  @Test
  void processesUsedUp_isEagainAfterSomePatience() {
    kernel.fail("spawn", 1000, Errno.EAGAIN);

    StepVerifier.create(Command.of("true").on(runtime).exit())
        .expectErrorSatisfies(error -> assertFailure(error, Reason.LIMITS, "EAGAIN"))
        .verify(Limits.SOON);
    assertThat(spawns()).isEqualTo(MOST_ATTEMPTS);
  }

  @Test
  void processesFreeAgain_startsAtTheThirdAttempt() {
    kernel.fail("spawn", 2, Errno.EAGAIN);

    ExitStatus status = Command.of("true").on(runtime).exit().block(Limits.SOON);

    assertThat(status).hasToString("exit code 0");
    assertThat(spawns()).isEqualTo(3);
  }

  @Test
  void otherError_isNotTriedAgain() {
    kernel.fail("spawn", 1, Errno.ENOMEM);

    StepVerifier.create(Command.of("true").on(runtime).exit())
        .expectErrorSatisfies(error -> assertFailure(error, Reason.LIMITS, "ENOMEM"))
        .verify(Limits.SOON);
    assertThat(spawns()).isEqualTo(1);
  }

  @Test
  void cancelBetweenTwoAttempts_startsNothingMore() {
    kernel.fail("spawn", 1000, Errno.EAGAIN);
    Disposable subscription = Command.of("true").on(runtime).exit().subscribe();
    Await.until("it was tried", () -> spawns() >= 2);
    subscription.dispose();

    int soFar = spawns();

    // Another start runs through all its pauses meanwhile, which are longer than those left here.
    FaultyKernel another = new FaultyKernel();
    another.fail("spawn", 1000, Errno.EAGAIN);
    Command measure =
        Command.of("true")
            .on(new ProcessRuntime(EventLoops.shared(), another, ExitWatch.Factory.pidfd()));
    StepVerifier.create(measure.exit())
        .expectError(ProcessStartException.class)
        .verify(Limits.SOON);
    // One may have been past the look at the cancel.
    assertThat(spawns()).isBetween(soFar, soFar + 1);
    assertThat(runtime.liveChildren()).isZero();
  }

  @Test
  void startTimeout_endsThePatience() {
    kernel.fail("spawn", 1000, Errno.EAGAIN);
    Command command = Command.of("true").startTimeout(Duration.ofMillis(20)).on(runtime);

    StepVerifier.create(command.exit())
        .expectErrorSatisfies(
            error -> assertThat(((ProcessStartException) error).reason()).isEqualTo(Reason.TIMEOUT))
        .verify(Limits.SOON);
    assertThat(spawns()).isLessThan(MOST_ATTEMPTS);
  }

  private int spawns() {
    return Collections.frequency(kernel.calls(), "spawn");
  }

  private static void assertFailure(Throwable error, Reason reason, String errno) {
    assertThat(error).isInstanceOf(ProcessStartException.class);
    ProcessStartException failure = (ProcessStartException) error;
    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.errnoName()).contains(errno);
  }

  private Path copyOfTrue() throws IOException {
    return Files.copy(Path.of("/bin/true").toRealPath(), directory.resolve("program"));
  }
}
