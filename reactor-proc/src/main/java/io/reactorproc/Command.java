/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.cgroup.Cgroups;
import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.RunningTap;
import io.reactorproc.ipc.Tap;
import io.reactorproc.ipc.TextDecoding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A program with its arguments and everything that its children shall be given. An immutable value:
 * each method answers a changed copy, and commands may be shared and run any number of times.
 *
 * <p>The last six methods run it. For all of them:
 *
 * <ul>
 *   <li><b>Start:</b> nothing happens before the subscription; each subscription starts one child
 *       of its own, on a spawner thread, with {@code posix_spawn(3)}.
 *   <li><b>Cancel:</b> before the child runs, it is not started, or ended at once; afterwards our
 *       ends of its pipes are closed and the {@link Termination} is carried out. Either way the
 *       child is reaped, and no descriptor, buffer or thread is left. Cancelling does not wait.
 *   <li><b>Errors:</b> {@link ProcessStartException} if there is no child; {@link
 *       ProcessExitException} if the {@link ExitPolicy} does not accept its status, a timeout, a
 *       limit or a failing input ended it; {@link InvalidCommandException} if the command and the
 *       way to run it do not fit.
 *   <li><b>Thread:</b> signals are delivered on the child's event loop, which must not be blocked:
 *       {@code publishOn} leaves it.
 * </ul>
 */
public final class Command implements Job {
  private final Settings settings;

  /** Derived from the settings at the first start; racing threads may both make it. */
  private volatile @Nullable Program program;

  private Command(Settings settings) {
    this.settings = settings;
  }

  /**
   * A program and its arguments, as {@code execve(2)} takes them: no shell is involved, nothing is
   * split, expanded or quoted.
   *
   * @param program a path if it has a slash, else a name to look for in the child's {@code PATH}
   * @throws InvalidCommandException if the program is empty or a string holds a NUL
   */
  public static Command of(String program, String... arguments) {
    List<String> argv = new ArrayList<>(arguments.length + 1);
    argv.add(program);
    argv.addAll(Arrays.asList(arguments));
    return of(argv);
  }

  /** As {@link #of(String, String...)}, from a list whose first element is the program. */
  public static Command of(List<String> argv) {
    List<String> copy = List.copyOf(argv);
    if (copy.isEmpty() || copy.get(0).isEmpty()) {
      throw new InvalidCommandException("a command needs the name of a program");
    }
    copy.forEach(argument -> Strings.checkNoNul(argument, "an argument"));
    return new Command(Settings.DEFAULT.with(s -> s.argv = copy));
  }

  /**
   * A script for {@code /bin/sh -c}. Whatever is put into the script's text is read by the shell:
   * give data as {@linkplain #args arguments} ({@code $1}, ...; the first one after the script is
   * {@code $0}).
   */
  public static Command shell(String script) {
    return of("/bin/sh", "-c", script);
  }

  private Command with(Consumer<Settings> change) {
    return new Command(settings.with(change));
  }

  Settings settings() {
    return settings;
  }

  /** This command as a stage of a pipeline with these settings as a whole. */
  Command within(Settings whole) {
    return new Command(settings.within(whole));
  }

  Program program() {
    Program known = program;
    if (known == null) {
      program = known = new Program(settings);
    }
    return known;
  }

  /**
   * A name for what it does, such as {@code "db"}: {@link ClosingRules#dependency} speaks of it,
   * and {@link LivingJob} shows it. Several may have the same.
   */
  public Command named(String name) {
    return with(s -> s.name = Objects.requireNonNull(name, "name"));
  }

  /** The argument vector, the program first. */
  public List<String> argv() {
    return settings.argv;
  }

  /** More arguments at the end. */
  public Command args(String... more) {
    List<String> longer = new ArrayList<>(settings.argv);
    for (String argument : more) {
      longer.add(Strings.checkNoNul(argument, "an argument"));
    }
    return with(s -> s.argv = List.copyOf(longer));
  }

  /** Another {@code argv[0]} than the program's name: {@code -sh} makes a login shell. */
  public Command argv0(String name) {
    Strings.checkNoNul(name, "argv[0]");
    return with(s -> s.argv0 = name);
  }

  /**
   * The working directory; by default the JVM's. A program given as a relative path is looked for
   * from there, as {@code cd directory && ./program} does. A missing directory is a {@link
   * ProcessStartException} with reason {@code DIRECTORY}.
   */
  public Command directory(Path directory) {
    Strings.checkPath(directory, "the directory");
    return with(s -> s.directory = directory);
  }

  /**
   * Sets a variable of the environment, which is the JVM's own by default.
   *
   * @throws InvalidCommandException if the name is empty or has a {@code =}, or either holds a NUL
   */
  public Command env(String name, String value) {
    return with(s -> s.environment = s.environment.with(name, value));
  }

  /** Sets several variables. */
  public Command env(Map<String, String> variables) {
    Command changed = this;
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      changed = changed.env(variable.getKey(), variable.getValue());
    }
    return changed;
  }

  /** Removes a variable. */
  public Command withoutEnv(String name) {
    return with(s -> s.environment = s.environment.without(name));
  }

  /** Starts from an empty environment: nothing inherited, nothing set before this call. */
  public Command clearEnv() {
    return with(s -> s.environment = s.environment.cleared());
  }

  /**
   * Sets a variable to the child's own pid, which nobody knows before it runs: {@code LISTEN_PID}
   * of sd_listen_fds(3) is such a one. A shell sets it and becomes the program, which keeps the
   * pid, the arguments and {@code argv[0]}: {@code /bin/sh}, or, with {@link #argv0} and where
   * {@code PATH} has entries that are not absolute, {@code bash}.
   *
   * <p>A program that is missing or must not be executed is the same typed error as ever, as it is
   * looked for before. What only the exec itself can find out (an interpreter that is missing,
   * arguments that are too long) is here the shell's exit code 126 or 127, with its words on
   * stderr. Shells drop variables that they could not have set, and some add one named {@code _}.
   *
   * @throws InvalidCommandException if the name is not one that a shell can set
   */
  public Command envPid(String name) {
    PidPrefix.checkName(name);
    return with(s -> s.pidVariables = Settings.add(s.pidVariables, name));
  }

  /** Where stdin comes from; by default it is empty. */
  public Command stdin(Stdin stdin) {
    return with(s -> s.inputs = Settings.put(s.inputs, 0, Objects.requireNonNull(stdin)));
  }

  /** Where stdout goes; {@link Output#standard()} by default. */
  public Command stdout(Output stdout) {
    return with(s -> s.outputs = Settings.put(s.outputs, 1, Objects.requireNonNull(stdout)));
  }

  /** Where stderr goes; {@link Output#standard()} by default. */
  public Command stderr(Output stderr) {
    return with(s -> s.outputs = Settings.put(s.outputs, 2, Objects.requireNonNull(stderr)));
  }

  /** Sends stderr where stdout goes, in true order: {@code 2>&1}. */
  public Command mergeStderr() {
    return stderr(Output.stdout());
  }

  /**
   * A further descriptor that the child reads from.
   *
   * @param descriptor the child's number, 3 to 255
   */
  public Command input(int descriptor, Stdin from) {
    Wiring.checkExtra(descriptor, settings.outputs.containsKey(descriptor));
    Wiring.checkNoChannel(descriptor, settings);
    return with(s -> s.inputs = Settings.put(s.inputs, descriptor, Objects.requireNonNull(from)));
  }

  /**
   * A further descriptor that the child writes to.
   *
   * @param descriptor the child's number, 3 to 255
   */
  public Command output(int descriptor, Output to) {
    Wiring.checkExtra(descriptor, settings.inputs.containsKey(descriptor));
    Wiring.checkNoChannel(descriptor, settings);
    return with(s -> s.outputs = Settings.put(s.outputs, descriptor, Objects.requireNonNull(to)));
  }

  /**
   * A channel in both directions, on a descriptor of the child's beside its stdio; {@link
   * RunningProcess#channel} is our end of it. Any number of them; only for {@link #start()}, of
   * this command or of a pipeline with it as a stage.
   *
   * @param descriptor the child's number, 3 to 255; a pipe pair takes the next one, too
   * @throws InvalidCommandException if a number is out of range, or an input, an output or another
   *     channel has it
   */
  public Command channel(int descriptor, Channel channel) {
    Wiring.checkChannel(descriptor, channel, settings);
    return with(s -> s.channels = Settings.put(s.channels, descriptor, channel));
  }

  /**
   * Runs each child on a pseudo-terminal of its own, as a terminal emulator or {@code sshd} does.
   * It leads a new session whose controlling terminal this is; stdin, stdout and stderr are the
   * terminal.
   *
   * <ul>
   *   <li><b>Output:</b> what is written to the terminal, stderr included, comes as stdout, by
   *       demand: without demand the child waits once some 10 to 20 KB are full. What is typed
   *       comes back in it unless the echo is off. It ends when the last process has closed the
   *       terminal, which {@code read(2)} reports as {@code EIO}. The errors that carry the end of
   *       stderr carry that of the terminal's output.
   *   <li><b>Input:</b> {@link #stdin} is typed, at the end of which the end of the input is, as
   *       {@link ProcessTerminal#endOfInput()}: so a reader in cooked mode sees an end of file, and
   *       one in raw mode does not. The terminal stays open. With {@link #start()} the handle types
   *       unless something else was set, and {@link RunningProcess#terminal()} changes size and
   *       mode and presses keys.
   *   <li><b>Redirects:</b> stderr and further descriptors may go elsewhere, stdout may be teed.
   *       Others of stdin and stdout, {@link #inheritProcessGroup()}, and a place in a pipeline or
   *       in a sequence whose input or output goes elsewhere are an {@link
   *       InvalidCommandException}.
   *   <li><b>Hang-up:</b> a cancel closes our side, and the kernel sends SIGHUP to the child and to
   *       the foreground process group of the terminal. So does cancelling the {@linkplain
   *       RunningProcess#stdout output} of a handle, and the end of the JVM for {@link #detached()}
   *       children.
   *   <li><b>Termination:</b> as ever, to the child's own process group; an interactive shell
   *       ignores SIGTERM, gives its jobs groups of their own, and passes SIGHUP on to them: {@code
   *       Termination.start().signal(SIGHUP)...} fits it better.
   *   <li><b>Environment:</b> {@code TERM} is what the environment has, else {@code
   *       xterm-256color}, or {@link Pty#type}; COLUMNS and LINES are not inherited.
   *   <li><b>Failures:</b> where the system has no more terminals ({@code ENOSPC}), or no {@code
   *       /dev/ptmx}, the start fails with {@link ProcessStartException}.
   * </ul>
   */
  public Command pty(Pty pty) {
    return with(s -> s.pty = Objects.requireNonNull(pty, "pty"));
  }

  /**
   * As {@link #pty(Pty)}: a terminal of this size, cooked and with echo.
   *
   * @throws InvalidCommandException for a number that is not 1 to 65535
   */
  public Command pty(int columns, int rows) {
    return pty(Pty.of(columns, rows));
  }

  /** Which statuses are a success; by default the code 0 alone. */
  public Command success(ExitPolicy policy) {
    return with(s -> s.policy = Objects.requireNonNull(policy));
  }

  /** How its children are ended; see {@link Termination#graceful()} for the default. */
  public Command termination(Termination termination) {
    return with(s -> s.termination = Objects.requireNonNull(termination));
  }

  /** Ends a child that is still alive this long after its start. None by default. */
  public Command timeout(Duration timeout) {
    return with(s -> s.timeout = Durations.positive(timeout, "a timeout"));
  }

  /**
   * Ends a child of which no output came for this long. Time in which its output waits for the
   * subscriber's demand does not count. None by default.
   */
  public Command idleTimeout(Duration timeout) {
    return with(s -> s.idleTimeout = Durations.positive(timeout, "an idle timeout"));
  }

  /** Gives up a start that takes longer, as on a file system that hangs. None by default. */
  public Command startTimeout(Duration timeout) {
    return with(s -> s.startTimeout = Durations.positive(timeout, "a start timeout"));
  }

  /**
   * How long after the exit an output may stay empty and open before it is given up; 1 second by
   * default. Another process that the child left behind may hold it. Nothing that is written in
   * that time is lost, and a slow subscriber's time does not count.
   */
  public Command outputGrace(Duration grace) {
    return with(s -> s.outputGrace = Durations.checked(grace, "the output grace"));
  }

  /**
   * The most bytes that {@link #output()} and {@link #text()} keep of each output; 16 MiB by
   * default. A child that writes more is ended, with {@link
   * ProcessExitException.Reason#CAPTURE_LIMIT} and what was kept.
   */
  public Command captureLimit(int bytes) {
    Settings.checkCaptureLimit(bytes);
    return with(s -> s.captureLimit = bytes);
  }

  /** How {@link #lines()} and {@link #lineEvents()} cut; {@link Records#lines()} by default. */
  public Command records(Records records) {
    return with(s -> s.records = Objects.requireNonNull(records));
  }

  /** How bytes become text; UTF-8 with replacement by default, whatever the machine's locale. */
  public Command decoding(TextDecoding decoding) {
    return with(s -> s.decoding = Objects.requireNonNull(decoding));
  }

  /**
   * Leaves the children in the JVM's process group; by default each leads one of its own, so that
   * it can be ended with all that it started, and a Ctrl-C at the terminal reaches the JVM alone.
   */
  public Command inheritProcessGroup() {
    return with(s -> s.group = Settings.Group.INHERITED);
  }

  /**
   * Makes each child the leader of a new session, {@code setsid(2)}, and so of a process group of
   * its own: without a controlling terminal, and out of reach of its Ctrl-C and of its hang-up. It
   * is ended with its group as by default. Takes the place of {@link #inheritProcessGroup()}, and
   * that of this.
   */
  public Command newSession() {
    return with(s -> s.group = Settings.Group.SESSION);
  }

  /**
   * Gives each child a cgroup of its own, which it is in before its program begins: nothing that it
   * starts can leave it. What the child leaves behind is killed when the child and its outputs have
   * ended, and the cgroup is removed. A start takes the time of a shell more. Where there can be no
   * cgroup, the start fails with {@link ProcessStartException.Reason#CGROUP}.
   */
  public Command cgroup(Cgroups place) {
    return with(s -> s.cgroups = Objects.requireNonNull(place, "place"));
  }

  /**
   * Gives each child the foreground of the JVM's controlling terminal: for editors, pagers,
   * password prompts and shells. Stdin, stdout and stderr are the JVM's own, unless they were sent
   * elsewhere or the way to run asks for stdout, as {@link #output()}, {@link #text()}, {@link
   * #bytes()} and {@link #lines()} do.
   *
   * <p>The process group is in the foreground before the program begins; where the C library cannot
   * do that (glibc before 2.35), right after. When nothing of it is left, however it ended or
   * failed to start, the terminal is given back to the group that had it, with the modes that it
   * had; that comes before the result, and before {@link ProcessEvent.Exited}.
   *
   * <p>When it stops, as by Ctrl-Z, the terminal is given back, too. {@link
   * RunningProcess#resume()} gives it once more, with the modes that the child had set, and lets it
   * go on; SIGCONT from elsewhere lets it go on in the background. In the ways to run that have no
   * handle nobody could do that: there Ctrl-Z lets it go on at once.
   *
   * <p>Where the JVM has no controlling terminal, or another child of it is in the foreground, the
   * start fails with {@link ProcessStartException.Reason#TERMINAL}.
   *
   * @throws InvalidCommandException with {@link #inheritProcessGroup()}, {@link #newSession()} or
   *     {@link #detached()}
   */
  public Command foreground() {
    return with(s -> s.foreground = true);
  }

  /**
   * Lets the children outlive the JVM. By default they are ended when it ends, and from then on, as
   * in the shutdown hooks of others, a start fails with {@link ProcessStartException}.
   */
  public Command detached() {
    return with(s -> s.life = Settings.Life.DETACHED);
  }

  /**
   * Asks for this capacity of each pipe, {@code F_SETPIPE_SZ}; the kernel rounds up to a power of
   * two pages and refuses silently above the user's quota. By default a pipe starts with the
   * kernel's 64 KiB and grows to 512 KiB when its stream proves fast.
   */
  public Command pipeCapacity(int bytes) {
    Settings.checkPipeCapacity(bytes);
    return with(s -> s.pipeCapacity = bytes);
  }

  /** Runs on this runtime instead of {@link ProcessRuntime#shared()}. */
  public Command on(ProcessRuntime runtime) {
    return with(s -> s.runtime = Objects.requireNonNull(runtime));
  }

  /**
   * Another job that reads what this one writes, through a kernel pipe: {@code this | next}.
   *
   * @throws InvalidCommandException if one of them has a setting that makes no sense in a pipeline
   */
  public Pipeline pipe(Job next) {
    return Pipeline.of(this).pipe(next);
  }

  /** As {@link #pipe(Job)}, with stderr in the same pipe: {@code this |& next}. */
  public Pipeline pipeAll(Job next) {
    return Pipeline.of(this).pipeAll(next);
  }

  /** A look at what this command writes to the next; see {@link Pipeline#tap}. */
  public Pipeline tap(Tap tap, Function<? super RunningTap, ? extends Publisher<Void>> observer) {
    return Pipeline.of(this).tap(tap, observer);
  }

  /** A stage in Java behind this command; see {@link Pipeline#pipe(Function)}. */
  public Pipeline pipe(
      Function<? super Flux<ByteBuf>, ? extends Publisher<? extends ByteBuf>> stage) {
    return Pipeline.of(this).pipe(stage);
  }

  /**
   * Runs it and captures what it writes, up to {@link #captureLimit} bytes of each output.
   *
   * @return one result, when the child has exited and its outputs have ended
   */
  public Mono<ProcessResult> output() {
    return Runs.output(this);
  }

  /** Runs it and answers its whole stdout as text; as {@link #output()}. */
  public Mono<String> text() {
    return Runs.text(this);
  }

  /**
   * Runs it and streams the lines of its stdout, without their ends, as they come and by demand: a
   * slow subscriber makes the child wait. Completes after the last line and the exit.
   *
   * <p>A line that exceeds the limit of {@link #records} is an error ({@code
   * RecordTooLongException}) and ends the child.
   */
  public Flux<String> lines() {
    return settings.records.decodeText(bytes(), settings.decoding);
  }

  /**
   * Runs it and streams its stdout, one buffer for each {@code read(2)}, by demand. The subscriber
   * releases each buffer; operators that queue or drop buffers want a {@code
   * doOnDiscard(ByteBuf.class, ReferenceCountUtil::release)} behind them. Copy out of the buffers
   * before a {@code publishOn}: Reactor's (3.8.8) can forget a queued one when it is cancelled.
   * Completes after the last byte and the exit.
   */
  public Flux<ByteBuf> bytes() {
    return Runs.bytes(() -> Plan.of(this, Wiring.Mode.BYTES));
  }

  /**
   * Runs it and streams its life: start, output of each stream by demand, stops, exit. The error of
   * a status that is not accepted comes after {@link ProcessEvent.Exited}.
   */
  public Flux<ProcessEvent> events() {
    return events(Optional.empty());
  }

  /** As {@link #events()}, with {@link ProcessEvent.Line}s in place of chunks of output. */
  public Flux<ProcessEvent> lineEvents() {
    return events(Optional.of(settings.records));
  }

  private Flux<ProcessEvent> events(Optional<Records> records) {
    return Runs.events(() -> Plan.of(this, Wiring.Mode.EVENTS), records, (part, event) -> event);
  }

  /**
   * Runs it and answers how it ended. The status is a value here: it is checked only if a policy
   * was {@linkplain #success set}. Stdout is discarded unless it was sent elsewhere.
   */
  public Mono<ExitStatus> exit() {
    return Runs.exit(this);
  }

  /**
   * Starts it and answers a handle, once the child runs. From then on its life is the handle's
   * business: cancelling this {@code Mono} later does nothing. An output that is neither subscribed
   * nor sent elsewhere makes the child wait when its pipe is full.
   *
   * <p>{@code Flux.usingWhen(command.start(), use, child -> Mono.fromRunnable(child::dispose))}
   * ends the child with its use, however that ends. An operator that drops a handle, as some do
   * when they are cancelled in the instant of its delivery, tells {@code
   * doOnDiscard(RunningProcess.class, RunningProcess::dispose)}.
   */
  public Mono<RunningProcess> start() {
    return Runs.start(actual -> new StartRun(Plan.of(this, Wiring.Mode.START), actual));
  }

  /** The argument vector, escaped for reading as a shell would write it. */
  @Override
  public String toString() {
    return Strings.render(settings.argv);
  }
}
