/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.reactorproc.ProcessStartException.Reason;
import io.reactorproc.cgroup.Cgroup;
import io.reactorproc.cgroup.CgroupException;
import io.reactorproc.cgroup.CgroupNeeded;
import io.reactorproc.cgroup.Cgroups;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfExecutable;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import jnr.posix.POSIXFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/** Children with a cgroup of their own. */
@Timeout(60)
class CgroupTest {
  private static final int SIGKILL = 9;
  private static final Cgroups HERE = Cgroups.ofThisProcess();

  @TempDir Path directory;

  @BeforeEach
  void cgroupsCanBeMade() {
    CgroupNeeded.orSkip();
  }

  /** Each test is to leave no directory of a child behind. */
  @AfterEach
  void nothingIsLeft() {
    if (HERE.unavailability().isEmpty()) {
      Await.until("the cgroups are removed: " + left(), () -> left().isEmpty());
    }
  }

  private static List<Path> left() {
    try (Stream<Path> found = Files.walk(HERE.directory(), 2)) {
      String mine = "reactor-proc." + ProcessHandle.current().pid() + "-";
      return found
          .filter(Files::isDirectory)
          .filter(path -> String.valueOf(path.getParent()).contains("/" + mine))
          .toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      return List.of(Path.of(e.toString())); // something went while we looked
    }
  }

  @Test
  void child_isInItsCgroupBeforeItsProgramBegins() {
    String membership = text(Command.of("cat", "/proc/self/cgroup").cgroup(HERE));

    assertThat(membership)
        .containsPattern("0::.*/reactor-proc\\." + ProcessHandle.current().pid() + "-\\d+/\\d+\n");
  }

  @Test
  void childrenOfOneCommand_haveOneEach() {
    Command cat = Command.of("cat", "/proc/self/cgroup").cgroup(HERE);

    assertThat(text(cat)).isNotEqualTo(text(cat));
  }

  @Test
  void pipeline_hasOneForAllItsStages() {
    List<String> lines =
        Command.of("grep", "0::", "/proc/self/cgroup")
            .pipe(Command.of("cat", "-", "/proc/self/cgroup"))
            .pipe(Command.of("grep", "0::"))
            .cgroup(HERE)
            .lines()
            .collectList()
            .block(Limits.SOON);

    assertThat(lines).hasSize(2);
    assertThat(Objects.requireNonNull(lines).get(0)).isEqualTo(lines.get(1));
  }

  static Stream<Command> commands() {
    Command words = Command.of("cat", "/proc/self/cmdline", "/proc/self/environ");
    return Stream.of(
        words,
        words.args("/dev/null", "two words", "", "$x"),
        words.env("spring.profiles.active", "a b").env("SHLVL", "1"),
        words.withoutEnv("PWD"),
        words.env("PWD", "/no/such place").directory(Path.of("/usr")),
        words.clearEnv().env("A", "1").env("PATH", "/usr/bin:/bin"),
        words.argv0("-another name").env("SHLVL", "1"),
        words.env("PATH", "relative::/usr/bin:/bin").env("SHLVL", "1"),
        Command.of("../bin/cat", "/proc/self/cmdline").directory(Path.of("/usr/lib")),
        Command.of("ls", "/proc/self/fd"),
        Command.of("ls", "/proc/self/fd").input(3, Stdin.text("x")).output(9, Output.discard()),
        Command.of("grep", "^Sig", "/proc/self/status"),
        Command.of("readlink", "/proc/self/cwd").directory(Path.of("/usr")));
  }

  @ParameterizedTest
  @MethodSource("commands")
  @EnabledIfExecutable("/bin/bash")
  void program_seesWhatItSeesWithoutOne(Command command) {
    assertThat(words(command.success(ExitPolicy.any()).cgroup(HERE)))
        .isEqualTo(words(command.success(ExitPolicy.any())));
  }

  /** Sorted, as a shell passes variables on in an order of its own, and without its note. */
  private static List<String> words(Command command) {
    return text(command)
        .lines()
        .flatMap(line -> Stream.of(line.split("\0")))
        .filter(word -> !word.startsWith("_="))
        .sorted()
        .toList();
  }

  @Test
  void child_leadsItsGroup() {
    String stat = text(Command.of("cat", "/proc/self/stat").cgroup(HERE));
    String[] fields = stat.split(" ", -1);

    assertThat(fields[1]).isEqualTo("(cat)");
    assertThat(fields[4]).isEqualTo(fields[0]);
  }

  @Test
  void statusesOfTheShellAreThoseOfTheProgram() {
    for (int code : new int[] {0, 1, 125, 126, 127}) {
      assertThat(
              Command.of("sh", "-c", "exit " + code)
                  .cgroup(HERE)
                  .exit()
                  .map(status -> status.code().orElseThrow())
                  .block(Limits.SOON))
          .isEqualTo(code);
    }
  }

  @Test
  void missingProgram_isAFailedStart() {
    assertThat(failure(Command.of("no-such-program-anywhere")).reason())
        .isEqualTo(Reason.EXECUTABLE);
    ProcessStartException byPath = failure(Command.of("/no/such/program"));
    assertThat(byPath.reason()).isEqualTo(Reason.EXECUTABLE);
    assertThat(byPath.errnoName()).hasValue("ENOENT");
  }

  @Test
  void fileThatMayNotBeExecuted_isAFailedStart() throws IOException {
    Path file = Files.writeString(directory.resolve("data"), "#!/bin/sh\n");

    ProcessStartException failure = failure(Command.of(file.toString()));

    assertThat(failure.reason()).isEqualTo(Reason.EXECUTABLE);
    assertThat(failure.errnoName()).hasValue("EACCES");
  }

  @Test
  void fileThatIsNoProgram_isAFailedStart() throws IOException {
    ProcessStartException failure = failure(Command.of(script("echo no\n").toString()));

    assertThat(failure.reason()).isEqualTo(Reason.EXECUTABLE);
    assertThat(failure.errnoName()).hasValue("ENOEXEC");
  }

  @Test
  void missingInterpreter_isAFailedStart() throws IOException {
    assertThat(failure(Command.of(script("#!/no/such/interpreter\n").toString())).reason())
        .isEqualTo(Reason.INTERPRETER);
  }

  @Test
  void missingProgramOfALaterStage_endsThoseBefore() {
    ProcessStartException failure =
        failure(
            Command.of("sleep", "1000").pipe(Command.of("/no/such/program")).cgroup(HERE).exit());

    assertThat(failure.reason()).isEqualTo(Reason.EXECUTABLE);
    assertThat(failure.stage()).hasValue(1);
  }

  @Test
  void placeThatIsNoCgroup_isAFailedStart() {
    ProcessStartException failure =
        failure(Command.of("true").cgroup(Cgroups.under(directory)).exit());

    assertThat(failure.reason()).isEqualTo(Reason.CGROUP);
    assertThat(failure.getCause())
        .isInstanceOfSatisfying(
            CgroupException.class,
            cause -> assertThat(cause.reason()).isEqualTo(CgroupException.Reason.NO_HIERARCHY));
  }

  /** Beside a threaded cgroup the kernel lets no process in. */
  @Test
  void cgroupThatNobodyMayEnter_isAFailedStart() throws IOException {
    Path place =
        Files.createDirectory(HERE.directory().resolve("test-" + ProcessHandle.current().pid()));
    Path threaded = Files.createDirectory(place.resolve("threaded"));
    try {
      Files.writeString(threaded.resolve("cgroup.type"), "threaded");

      ProcessStartException failure =
          failure(Command.of("true").cgroup(Cgroups.under(place)).exit());

      assertThat(failure.reason()).isEqualTo(Reason.CGROUP);
      assertThat(failure.getCause())
          .isInstanceOfSatisfying(
              CgroupException.class,
              cause -> assertThat(cause.reason()).isEqualTo(CgroupException.Reason.ENTER));
    } finally {
      Cgroups.tidyUp();
      Files.delete(threaded);
      Await.until("it can be removed", () -> isRemoved(place));
    }
  }

  private static boolean isRemoved(Path place) {
    Cgroups.tidyUp();
    try {
      return Files.deleteIfExists(place) || !Files.exists(place);
    } catch (IOException e) {
      return false;
    }
  }

  /** One that left its group and session cannot leave its cgroup. */
  @Test
  void whatTheChildLeavesBehind_isKilledAfterItsEnd() {
    int left =
        pid(Command.shell("setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $!").cgroup(HERE));

    Await.until("it is killed", () -> !Proc.isRunning(left));
  }

  @Test
  void outputOfWhatIsLeftBehind_isNotCutOff() {
    String text = text(Command.shell("(sleep 0.2; echo late) & echo early").cgroup(HERE));

    assertThat(text).isEqualTo("early\nlate\n");
  }

  @Test
  void cancel_endsWhatLeftTheGroup() {
    RunningProcess child =
        block(
            Command.shell("trap '' TERM; setsid sleep 1000 & echo $!; wait")
                .termination(Termination.graceful(Duration.ofMillis(50)))
                .cgroup(HERE)
                .start());
    int left = Integer.parseInt(Objects.requireNonNull(child.lines().blockFirst(Limits.SOON)));

    child.dispose();

    Await.until("it is killed", () -> !Proc.isRunning(left));
    assertThat(child.isAlive()).isFalse();
  }

  @Test
  void detachedChild_leavesWhatItLeavesBehind() throws IOException {
    RunningProcess child =
        block(
            Command.shell("setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $!")
                .detached()
                .cgroup(HERE)
                .start());
    Cgroup cgroup = child.cgroup().orElseThrow();
    int left = Integer.parseInt(Objects.requireNonNull(child.lines().blockFirst(Limits.SOON)));
    block(child.exit());
    try {
      assertThat(cgroup.base()).isEmpty();
      assertThat(cgroup.isPopulated()).isTrue();
      assertThat(Proc.isRunning(left)).isTrue();
    } finally {
      POSIXFactory.getNativePOSIX().kill(left, SIGKILL);
    }
    Await.until("it is gone", () -> !Proc.isRunning(left));
    Await.until("its directory can be removed", () -> removed(cgroup));
  }

  private static boolean removed(Cgroup cgroup) {
    try {
      return cgroup.remove();
    } catch (CgroupException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void handle_knowsItsCgroup() throws IOException {
    RunningProcess child = block(Command.of("sleep", "1000").cgroup(HERE).start());
    Cgroup cgroup = child.cgroup().orElseThrow();

    assertThat(Files.readString(cgroup.directory().resolve("cgroup.procs")))
        .isEqualTo(child.pid().orElseThrow() + "\n");
    child.signal(Signal.SIGKILL).block(Limits.SOON);
    block(child.exit());
    child.dispose();
  }

  @Test
  void pause_freezesAllThatIsInIt() throws IOException {
    RunningProcess child =
        block(Command.shell("setsid sleep 1000 & exec sleep 1000").cgroup(HERE).start());
    Path events = child.cgroup().orElseThrow().directory().resolve("cgroup.events");

    assertThat(block(child.pause())).isTrue();
    assertThat(Files.readString(events)).contains("frozen 1");
    assertThat(block(child.resume())).isTrue();
    assertThat(Files.readString(events)).contains("frozen 0");
    child.terminate(Termination.kill());
    block(child.exit());
    assertThat(block(child.pause())).isFalse();
    child.dispose();
  }

  @Test
  void pausedChild_hearsThatItIsToEnd() {
    RunningProcess child =
        block(Command.shell("trap 'exit 3' TERM; echo x; sleep 1000 & wait").cgroup(HERE).start());
    assertThat(child.lines().blockFirst(Limits.SOON)).isEqualTo("x");
    block(child.pause());

    child.terminate(Termination.graceful(Duration.ofSeconds(15)));

    assertThat(block(child.exit()).is(3)).isTrue();
    child.dispose();
  }

  @Test
  void withoutPidfds_itIsTheSame() {
    ProcessRuntime timed =
        new ProcessRuntime(EventLoops.shared(), Kernel.system(), ExitWatch.Factory.timed());

    assertThat(text(Command.of("echo", "x").cgroup(HERE).on(timed))).isEqualTo("x\n");
    int left =
        pid(
            Command.shell("setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $!")
                .on(timed)
                .cgroup(HERE));
    Await.until("it is killed", () -> !Proc.isRunning(left));
  }

  /** The shell on the way needs one that it can redirect, which is one of a single digit. */
  @Test
  void childWithAllDescriptorsUpTo9_isAFailedStart() {
    Command command = Command.of("true");
    for (int descriptor = 3; descriptor <= 9; descriptor++) {
      command = command.output(descriptor, Output.discard());
    }

    assertThat(failure(command).reason()).isEqualTo(Reason.CGROUP);
  }

  @Test
  void cgroupOfAStage_isRefused() {
    InvalidCommandException refused =
        catchThrowableOfType(
            InvalidCommandException.class,
            () -> Command.of("true").cgroup(HERE).pipe(Command.of("true")));

    assertThat(refused).hasMessageContaining("cgroup is for the pipeline as a whole");
  }

  @Test
  void endOfTheJvm_removesItsDirectories() throws Exception {
    Process jvm = ChildJvm.start("", List.of(), LeavingMain.class);
    Path base = Path.of(Objects.requireNonNull(jvm.inputReader().readLine())).getParent();
    try {
      assertThat(base).isDirectory();
      jvm.destroy();
      assertThat(jvm.waitFor(30, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
      assertThat(base).doesNotExist();
    } finally {
      jvm.destroyForcibly().waitFor();
    }
  }

  /** Starts one child, says where it is, and waits for a signal. */
  static final class LeavingMain {
    private LeavingMain() {}

    public static void main(String[] none) throws InterruptedException {
      RunningProcess child =
          block(Command.of("sleep", "1000").cgroup(Cgroups.ofThisProcess()).start());
      System.out.println(child.cgroup().orElseThrow());
      Thread.sleep(60_000);
    }
  }

  private Path script(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("script"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static ProcessStartException failure(Command command) {
    return failure(command.cgroup(HERE).exit());
  }

  private static ProcessStartException failure(Mono<?> start) {
    Throwable thrown = Exceptions.unwrap(catchThrowable(() -> start.block(Limits.SOON)));
    assertThat(thrown).isInstanceOf(ProcessStartException.class);
    return (ProcessStartException) thrown;
  }

  private static int pid(Command command) {
    return Integer.parseInt(text(command).strip());
  }

  private static String text(Command command) {
    return block(command.text());
  }

  private static <T> T block(Mono<T> mono) {
    return Objects.requireNonNull(mono.block(Limits.SOON));
  }
}
