/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ProcessStartException.Reason;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.PipeEnds;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SpawnRequest;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.SignalType;

/**
 * Each system call of a start fails once: one typed error reaches the subscriber, nothing is left,
 * and the next start works.
 */
class StartFaultTest {
  /** What goes wrong without harm: a capacity is a wish, and without a stdin it is /dev/null. */
  private static final Set<String> TOLERATED = Set.of("setPipeCapacity", "isInheritable");

  @TempDir Path directory;
  private final FaultyKernel kernel = new FaultyKernel();
  private final ProcessRuntime runtime = runtime(kernel);

  @ParameterizedTest(name = "call {0}, {1} fails with {2}")
  @MethodSource("everyCallOfAStart")
  void callThatFails_isOneErrorAndLeavesNothing(int index, String call, Errno errno) {
    Command command = everything(directory).on(runtime);
    int before = Proc.descriptors().size();
    kernel.failAt(index, errno);

    Outcome outcome = Outcome.of(command);

    boolean hasReserve = call.equals("pidfdOpen") && errno == Errno.EMFILE;
    if (TOLERATED.contains(call) || hasReserve) {
      assertThat(outcome.signals).containsExactly("SUCCESS");
    } else {
      assertThat(outcome.signals).containsExactly("ProcessStartException");
      ProcessStartException failure = (ProcessStartException) outcome.errors.get(0);
      assertThat(failure.errnoName()).contains(errno.name());
      if (errno == Errno.EMFILE) {
        assertThat(failure.reason()).isEqualTo(Reason.LIMITS);
      }
    }
    assertThat(runtime.liveChildren()).isZero();
    assertThat(Proc.children()).isEmpty();
    Await.until("descriptors are closed", () -> Proc.descriptors().size() <= before);

    kernel.failAt(-1, errno);
    assertThat(Outcome.of(command).signals).containsExactly("SUCCESS");
    assertThat(runtime.liveChildren()).isZero();
  }

  /** The calls are learnt from a start that succeeds, so that none can be forgotten here. */
  static Stream<Arguments> everyCallOfAStart() {
    FaultyKernel kernel = new FaultyKernel();
    Command command = everything(Path.of("/tmp")).on(runtime(kernel));
    assertThat(Outcome.of(command).signals).containsExactly("SUCCESS"); // opens what is kept
    kernel.failAt(-1, Errno.EIO);
    assertThat(Outcome.of(command).signals).containsExactly("SUCCESS");
    List<String> calls = kernel.calls();
    assertThat(calls)
        .contains("executable", "pipe", "setNonBlocking", "setPipeCapacity", "open", "duplicate")
        .contains("isInheritable", "spawn", "pidfdOpen");
    return IntStream.range(0, calls.size())
        .boxed()
        .flatMap(
            i ->
                Stream.of(Errno.EMFILE, Errno.EIO, Errno.ENOMEM)
                    .map(errno -> Arguments.of(i, calls.get(i), errno)));
  }

  /** A command whose start needs every system call there is. */
  private static Command everything(Path directory) {
    return Command.of("/bin/true")
        .directory(directory)
        .stdin(Stdin.inherit())
        .stderr(Output.append(Path.of("/dev/null")))
        .input(3, Stdin.text("x"))
        .input(20, Stdin.empty())
        .output(200, Output.standard())
        .pipeCapacity(65_536);
  }

  @Test
  void lookUpThatFails_isTheErrorUnlessALaterEntryHasTheProgram() {
    Command command = Command.of("true").on(runtime);
    kernel.failAt(0, Errno.EIO);
    Outcome outcome = Outcome.of(command.env("PATH", "/bin"));
    assertThat(outcome.signals).containsExactly("ProcessStartException");
    assertThat(((ProcessStartException) outcome.errors.get(0)).errnoName()).contains("EIO");

    kernel.failAt(0, Errno.EIO);
    assertThat(Outcome.of(command.env("PATH", "/nowhere:/bin")).signals).containsExactly("SUCCESS");
  }

  @Test
  void childThatNobodyCanWatch_isEndedAndReaped() {
    kernel.fail("pidfdOpen", 2, Errno.EMFILE); // also where the reserve was given up

    Outcome outcome = Outcome.of(Command.of("sleep", "1000").on(runtime));

    assertThat(outcome.signals).containsExactly("ProcessStartException");
    assertThat(Proc.children()).isEmpty();
  }

  @Test
  void childInTheJvmsGroupThatNobodyCanWatch_isEndedAlone() {
    kernel.fail("pidfdOpen", 1, Errno.ENODEV);

    Outcome outcome = Outcome.of(Command.of("sleep", "1000").inheritProcessGroup().on(runtime));

    assertThat(outcome.signals).containsExactly("ProcessStartException");
    assertThat(Proc.children()).isEmpty();
  }

  @Test
  void pidfdThatEpollRefuses_endsTheChildAndReapsIt() {
    FaultyKernel refused =
        new FaultyKernel() {
          @Override
          public int pidfdOpen(int pid) throws SystemCallException {
            return aRegularFile(this);
          }
        };

    assertUnwatchable(refused);
  }

  @Test
  void pipeThatEpollRefuses_endsTheChildAndReapsIt() {
    FaultyKernel refused =
        new FaultyKernel() {
          @Override
          public long pipe(String purpose) throws SystemCallException {
            long ends = super.pipe(purpose);
            close(PipeEnds.readEnd(ends));
            return PipeEnds.of(aRegularFile(this), PipeEnds.writeEnd(ends));
          }
        };

    assertUnwatchable(refused);
  }

  /** Such as a class that cannot be loaded: also where it is thrown while an error is explained. */
  @Test
  void throwableThatNobodyForesees_isTheErrorOfTheStart() {
    FaultyKernel broken =
        new FaultyKernel() {
          private boolean spawned;

          @Override
          public int spawn(SpawnRequest request, SpawnArena arena) throws SystemCallException {
            spawned = true;
            throw new SystemCallException("posix_spawn", Errno.ENOENT.intValue(), "start it");
          }

          @Override
          public int executable(byte[] pathWithNul) {
            if (spawned) {
              throw new IllegalStateException("unforeseen");
            }
            return super.executable(pathWithNul);
          }
        };

    Outcome outcome = Outcome.of(everything(directory).on(runtime(broken)));

    assertThat(outcome.signals).containsExactly("IllegalStateException");
    assertThat(broken.calls()).contains("pipe");
  }

  @ParameterizedTest
  @MethodSource("brokenWatches")
  void throwableThatNobodyForeseesAfterTheSpawn_endsTheChildAndIsTheErrorOfTheStart(
      ExitWatch.Factory broken) {
    ProcessRuntime runtime = new ProcessRuntime(EventLoops.shared(), kernel, broken);

    Outcome outcome = Outcome.of(Command.of("sleep", "1000").on(runtime));

    assertThat(outcome.signals).containsExactly("IllegalStateException");
    assertThat(runtime.liveChildren()).isZero();
    assertThat(Proc.children()).isEmpty();
  }

  /** One throws on the spawner thread, one on the event loop. */
  static Stream<Named<ExitWatch.Factory>> brokenWatches() {
    return Stream.of(
        Named.of(
            "made",
            (kernel, loop, pid) -> {
              throw new IllegalStateException("unforeseen");
            }),
        Named.of(
            "started",
            (kernel, loop, pid) ->
                new DelegatingWatch(ExitWatch.Factory.pidfd().watch(kernel, loop, pid)) {
                  @Override
                  public void start(Listener listener) {
                    throw new IllegalStateException("unforeseen");
                  }
                }));
  }

  private static int aRegularFile(FaultyKernel kernel) throws SystemCallException {
    return kernel.open(ExecutableLookup.cString("/etc/passwd"), 0, 0, "have a regular file");
  }

  private static void assertUnwatchable(FaultyKernel kernel) {
    ProcessRuntime runtime = runtime(kernel);

    Outcome outcome = Outcome.of(Command.of("sleep", "1000").on(runtime));

    assertThat(outcome.signals).containsExactly("ProcessStartException");
    assertThat(((ProcessStartException) outcome.errors.get(0)).errnoName()).contains("EPERM");
    assertThat(runtime.liveChildren()).isZero();
    assertThat(Proc.children()).isEmpty();
  }

  private static ProcessRuntime runtime(FaultyKernel kernel) {
    return new ProcessRuntime(EventLoops.shared(), kernel, ExitWatch.Factory.pidfd());
  }

  /** All that reached one subscriber. */
  private static final class Outcome {
    final List<String> signals = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();
    private volatile boolean complete;

    static Outcome of(Command command) {
      Outcome outcome = new Outcome();
      BaseSubscriber<ProcessResult> subscriber =
          new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
              requestUnbounded();
            }

            @Override
            protected void hookOnNext(ProcessResult result) {
              outcome.signals.add(result.status().isSuccess() ? "SUCCESS" : "FAILURE");
            }

            @Override
            protected void hookOnError(Throwable error) {
              outcome.signals.add(error.getClass().getSimpleName());
              outcome.errors.add(error);
            }

            @Override
            protected void hookFinally(SignalType type) {
              outcome.complete = true; // unlike isDisposed(), not before the signal was noted
            }
          };
      command.output().subscribe(subscriber);
      Await.until("an outcome", () -> outcome.complete);
      return outcome;
    }
  }
}
