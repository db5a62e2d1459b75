/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Capabilities;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.SignalMode;
import io.reactorproc.signals.Signals;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JVMs that were started in ways that break assumptions run children as any other does. */
class UnusualJvmTest {
  private static final List<String> NO_OPTIONS = List.of();

  @TempDir Path directory;

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"0<&-", "1>&-", "2>&-", "0<&- 1>&-", "0<&- 1>&- 2>&-"})
  void descriptorsClosedAtTheStart_areNotMixedUp(String closed) throws Exception {
    Path report = directory.resolve("report");

    ChildJvm.run("exec " + closed + ";", NO_OPTIONS, ClosedMain.class, report.toString(), closed);

    assertThat(report).hasContent("good");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"trap '' CHLD;", "trap '' CHLD HUP INT QUIT PIPE TERM;"})
  void signalsIgnoredAtTheStart_loseNoStatus(String prelude) throws Exception {
    ChildJvm.run(prelude, NO_OPTIONS, BatteryMain.class).expectSuccess();
  }

  @Test
  void reducedSignals_areEnough() throws Exception {
    ChildJvm.run("", List.of("-Xrs"), ReducedMain.class).expectSuccess();
  }

  /** As a launcher does where signals are to come through a signalfd. */
  @Test
  void signalsBlockedAtTheStart_areNoneOfTheChildrens() throws Exception {
    String launcher = "set -- env --block-signal=INT,TERM,HUP,CHLD,USR1 \"$@\";";
    ChildJvm.run(launcher, List.of("-Xrs"), BlockedMain.class).expectSuccess();
  }

  @ParameterizedTest(name = "without {0}")
  @CsvSource({"pidfd, timed waitid", "closefrom, listing", "'pidfd,closefrom', listing"})
  void missingCapability_hasAFallback(String missing, String described) throws Exception {
    ChildJvm.Outcome outcome =
        ChildJvm.run("", List.of("-Dio.reactorproc.without=" + missing), BatteryMain.class);

    assertThat(outcome.expectSuccess().stdout()).contains(described);
  }

  @Test
  void strictMode_refusesAFallbackWithTheReason() throws Exception {
    List<String> options =
        List.of("-Dio.reactorproc.without=pidfd", "-Dio.reactorproc.strict=true");

    ChildJvm.Outcome outcome = ChildJvm.run("", options, BatteryMain.class);

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.stdout()).contains("UnsupportedPlatformException", "strict");
  }

  /** A start that fails has more or fewer descriptors left, and fails at another step. */
  @ParameterizedTest(name = "of {0}")
  @ValueSource(ints = {250, 251, 252, 253, 254})
  void fewDescriptors_areATypedErrorAndWorkAgainWhenFreed(int most) throws Exception {
    ChildJvm.run("ulimit -n " + most + ";", NO_OPTIONS, FewDescriptorsMain.class).expectSuccess();
  }

  @Test
  void faultsOfTheVeryFirstStart_leaveNothing() throws Exception {
    ChildJvm.run("", NO_OPTIONS, FirstStartMain.class).expectSuccess();
  }

  /** Runs the battery. */
  static final class BatteryMain {
    private BatteryMain() {}

    public static void main(String[] none) {
      exitAfter(
          () -> {
            Battery.run(ProcessRuntime.shared());
            System.out.println(Capabilities.get().describe());
          });
    }
  }

  /** Runs the battery, and what a handler of SIGCHLD would serve for. */
  static final class ReducedMain {
    private ReducedMain() {}

    public static void main(String[] none) {
      exitAfter(
          () -> {
            Battery.run(ProcessRuntime.shared());
            new TerminationTest().stopsAndContinuations_areEvents();
          });
    }
  }

  /** Runs the battery, and what depends on signals. */
  static final class BlockedMain {
    private BlockedMain() {}

    public static void main(String[] none) {
      exitAfter(
          () -> {
            assertThat(Signals.mode(Signal.SIGCHLD)).isEqualTo(SignalMode.SIGNALFD);
            Battery.run(ProcessRuntime.shared());
            new ChildStateTest().signals_areNeitherBlockedNorIgnored();
            new TerminationTest().stopsAndContinuations_areEvents();
          });
    }
  }

  /** Runs the battery where nothing can be printed, and reports into a file. */
  static final class ClosedMain {
    private ClosedMain() {}

    public static void main(String[] report) throws IOException {
      String outcome;
      try {
        Battery.run(ProcessRuntime.shared());
        Command all =
            Command.of("sleep", "1000")
                .stdin(Stdin.inherit())
                .stdout(Output.inherit())
                .stderr(Output.inherit());
        ChildDescriptorsTest.whileRunning(all, pid -> check(Proc.descriptors(pid), report[1]));
        outcome = "good";
      } catch (RuntimeException | Error e) {
        outcome = e.toString();
      }
      Files.writeString(Path.of(report[0]), outcome);
    }

    /** The child gets /dev/null for what was closed, whatever this JVM has opened there since. */
    private static void check(Map<Integer, String> descriptors, String closed) {
      assertThat(descriptors).containsOnlyKeys(0, 1, 2);
      descriptors.forEach(
          (fd, target) -> {
            if (closed.contains(fd + "<") || closed.contains(fd + ">")) {
              assertThat(target).isEqualTo("/dev/null");
            } else {
              assertThat(target).startsWith("pipe:[");
            }
          });
    }
  }

  /** Starts children until the descriptors are used up, frees them, and goes on. */
  static final class FewDescriptorsMain {
    private FewDescriptorsMain() {}

    public static void main(String[] none) {
      exitAfter(FewDescriptorsMain::useUpAndFree);
    }

    private static void useUpAndFree() {
      ClassPath.loadAll(FewDescriptorsMain.class.getClassLoader());
      Command sleep =
          Command.of("sleep", "1000").stdin(Stdin.pipe()).termination(Termination.kill());
      List<RunningProcess> running = new ArrayList<>();
      ProcessStartException failure = null;
      while (failure == null) {
        assertThat(running).hasSizeLessThan(100);
        try {
          running.add(Objects.requireNonNull(sleep.start().block(Limits.SOON)));
        } catch (RuntimeException e) {
          failure = (ProcessStartException) Objects.requireNonNull(e.getCause());
        }
      }
      assertThat(failure.reason()).isEqualTo(ProcessStartException.Reason.LIMITS);
      assertThat(failure.errnoName()).contains("EMFILE");
      assertThat(ProcessRuntime.shared().liveChildren()).isEqualTo(running.size());
      running.forEach(RunningProcess::dispose);
      running.forEach(process -> process.exit().block(Limits.SOON));
      Battery.run(ProcessRuntime.shared());
    }
  }

  /** The descriptors that are opened once and kept are opened by the first start that succeeds. */
  static final class FirstStartMain {
    private FirstStartMain() {}

    public static void main(String[] none) {
      exitAfter(FirstStartMain::failEachCallOnce);
    }

    private static void failEachCallOnce() {
      FaultyKernel kernel = new FaultyKernel();
      ProcessRuntime runtime =
          new ProcessRuntime(EventLoops.shared(), kernel, ExitWatch.Factory.pidfd());
      Command command = Command.of("/bin/true").on(runtime);
      int failures = 0;
      boolean started = false;
      while (!started) {
        kernel.failAt(failures, Errno.EMFILE);
        try {
          command.output().block(Limits.SOON);
          started = true;
        } catch (RuntimeException e) {
          assertThat(e).hasCauseInstanceOf(ProcessStartException.class);
          failures++;
        }
      }
      // open and duplicate of /dev/null, duplicate of the reserve, and what each start does
      assertThat(failures).isGreaterThan(3);
      assertThat(Proc.descriptors().values().stream().filter("/dev/null"::equals).count())
          .isLessThanOrEqualTo(3); // ours, the reserve, and a stdin perhaps
      Battery.run(runtime);
    }
  }

  private static void exitAfter(Runnable work) {
    try {
      work.run();
      System.exit(0);
    } catch (RuntimeException | Error e) {
      e.printStackTrace(System.out);
      System.exit(1);
    }
  }
}
