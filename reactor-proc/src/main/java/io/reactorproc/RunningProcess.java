/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.cgroup.Cgroup;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.flow.ChannelFlux;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.signals.Signal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;

/**
 * A child that was started and is its user's to look after. May be used from any thread; what it
 * delivers is delivered on the child's event loop.
 *
 * <p>Its outputs are streams with one subscriber each, by demand: what nobody subscribes to stays
 * in the kernel's pipe, and makes the child wait when that is full. After the exit, bytes that are
 * still in the pipe can be read; {@link #dispose()} lets go of them.
 */
public final class RunningProcess implements Disposable {
  private final Command command;
  private final Child child;
  private final Map<Integer, ChannelFlux> outputs;
  private final Sinks.One<ExitStatus> exit;

  RunningProcess(
      Command command, Child child, Map<Integer, ChannelFlux> outputs, Sinks.One<ExitStatus> exit) {
    this.command = command;
    this.child = child;
    this.outputs = Map.copyOf(outputs);
    this.exit = exit;
  }

  /** What it runs. */
  public Command command() {
    return command;
  }

  /** The process id; empty as soon as the child is reaped, as others may get the number then. */
  public OptionalInt pid() {
    int pid = child.pidOrZero();
    return pid == 0 ? OptionalInt.empty() : OptionalInt.of(pid);
  }

  /**
   * The process id that it was started with, also once it is reaped: to recognise it in what the
   * kernel said of it before, such as a message's sender; never to signal it.
   */
  public int startedPid() {
    return child.pid();
  }

  /** Whether the child is not reaped yet. */
  public boolean isAlive() {
    return child.pidOrZero() != 0;
  }

  /**
   * The writer of its stdin.
   *
   * <p>On a {@linkplain Command#pty terminal} it types. Closing it then is the end of the input as
   * {@link ProcessTerminal#endOfInput()} presses it, and the terminal stays.
   *
   * @throws IllegalStateException unless the command has {@link Stdin#pipe()}, or a terminal and
   *     nothing else that types there
   */
  public ByteSink stdin() {
    return input(0);
  }

  /**
   * The writer of an input that the command declared as {@link Stdin#pipe()}.
   *
   * @throws IllegalStateException if it did not
   */
  public ByteSink input(int descriptor) {
    InputPort port = child.input(descriptor);
    if (port == null || !port.isLive()) {
      throw new IllegalStateException(
          "descriptor " + descriptor + " is not Stdin.pipe() in this command");
    }
    return new ByteSink(port.queue());
  }

  /**
   * Our end of a channel that the command declared.
   *
   * @throws IllegalStateException if it did not
   */
  public ProcessChannel channel(int descriptor) {
    Channel channel = child.settings().channels.get(descriptor);
    InputPort port = child.input(descriptor);
    if (channel == null || port == null) {
      throw new IllegalStateException(
          "descriptor " + descriptor + " is no channel of this command");
    }
    Flux<ByteBuf> receive = output(channel.last(descriptor));
    return new ProcessChannel(receive, new ByteSink(port.queue()), child.settings());
  }

  /** Its stdout, by demand, for one subscriber, who releases the buffers. */
  public Flux<ByteBuf> stdout() {
    return output(1);
  }

  /** Its stderr, by demand, for one subscriber, who releases the buffers. */
  public Flux<ByteBuf> stderr() {
    return output(2);
  }

  /**
   * One of its outputs, by demand, for one subscriber, who releases the buffers. Completes at the
   * end of the output; the exit is another matter. Cancelling closes our end, so that a child that
   * writes more gets SIGPIPE; it does not end the child. Of a {@linkplain Command#pty terminal}
   * both directions are closed by that, and the child gets SIGHUP. Where a timeout or a failure
   * closes it before its end, the error is that of {@link #exit()}, and comes with it; with {@link
   * #dispose()} it is a {@link java.util.concurrent.CancellationException}.
   *
   * @return an error at the subscription where the output was sent elsewhere
   */
  public Flux<ByteBuf> output(int descriptor) {
    ChannelFlux flux = outputs.get(descriptor);
    return flux == null
        ? Flux.error(
            new IllegalStateException(
                "descriptor " + descriptor + " does not come through the JVM"))
        : flux;
  }

  /**
   * The lines of its stdout, as {@link Command#lines()} would cut them; instead of {@link #stdout}.
   */
  public Flux<String> lines() {
    Settings settings = child.settings();
    return settings.records.decodeText(stdout(), settings.decoding);
  }

  /**
   * The terminal that it runs on.
   *
   * @throws IllegalStateException unless the command has a {@link Command#pty(Pty) pty}
   */
  public ProcessTerminal terminal() {
    TerminalPort port = child.terminal();
    InputPort typed = child.input(0);
    if (port == null || typed == null) {
      throw new IllegalStateException("this command has no terminal of its own: Command.pty");
    }
    return new ProcessTerminal(child, port, typed.queue());
  }

  /**
   * How it ended, for any number of subscribers, before and after the exit. The status is a value
   * and is not checked. Where a timeout of the command ended the child, a {@link
   * ProcessExitException} says so. Cancelling does nothing to the child.
   */
  public Mono<ExitStatus> exit() {
    return exit.asMono();
  }

  /**
   * Sends a signal to the child, when subscribed.
   *
   * @return whether it was sent; false where the child is gone. An error of {@code
   *     pidfd_send_signal(2)}, such as {@code EPERM}, is a {@link SystemCallException}
   */
  public Mono<Boolean> signal(Signal signal) {
    return onLoop(() -> child.signal(signal.number()));
  }

  /** As {@link #signal}, to the whole process group of the child. */
  public Mono<Boolean> signalGroup(Signal signal) {
    return onLoop(() -> child.signalGroup(signal.number()));
  }

  private Mono<Boolean> onLoop(Signalling action) {
    return Mono.create(
        sink ->
            child
                .loop()
                .execute(
                    () -> {
                      try {
                        sink.success(action.run());
                      } catch (SystemCallException e) {
                        sink.error(e);
                      }
                    }));
  }

  /** The cgroup that it was started in, where it has {@linkplain Command#cgroup one}. */
  public Optional<Cgroup> cgroup() {
    return child.info().cgroup();
  }

  /**
   * When it stops and goes on, as {@link ProcessEvent.Stopped} and {@link ProcessEvent.Continued}.
   *
   * <ul>
   *   <li><b>Start:</b> SIGCHLD is listened to while there is a subscriber, and not otherwise. A
   *       child that is stopped at the subscription is told of first.
   *   <li><b>Subscription:</b> any number, each of which hears of each change.
   *   <li><b>Demand:</b> of what was not asked for only the last is kept: changes do not wait.
   *   <li><b>Cancel:</b> does nothing to the child.
   *   <li><b>End:</b> when the child is reaped; {@link #exit()} tells how it ended.
   *   <li><b>Thread:</b> the child's event loop.
   * </ul>
   */
  public Flux<ProcessEvent> jobChanges() {
    return JobChanges.of(child.loop(), List.of(child), (of, change) -> change);
  }

  /**
   * Stops it, when subscribed, by SIGSTOP to its process group; to the child alone where that is
   * the group of the JVM or of a pipeline. Whatever the child started outside of its group runs on.
   * A stopped child reads and writes nothing, and is ended as any other. Its overall timeout goes
   * on, its idle timeout does not. A child with a {@linkplain Command#cgroup cgroup} of its own is
   * frozen instead, with all that is in it; {@link #jobChanges()} says nothing of that.
   *
   * @return true once the child does not run any more; false where it is gone, or was told to go on
   *     before it had stopped. Cancelling leaves it stopped. An error of the system call is a
   *     {@link SystemCallException}
   */
  public Mono<Boolean> pause() {
    return pausing((run, sink) -> run.pausing().pause(run, List.of(child), sink));
  }

  /**
   * Lets it go on, when subscribed, by SIGCONT to those that {@link #pause()} stops, whoever
   * stopped them.
   *
   * @return true once the child may run; false where it is gone
   */
  public Mono<Boolean> resume() {
    return pausing((run, sink) -> run.pausing().resume(run, List.of(child), sink));
  }

  private Mono<Boolean> pausing(BiConsumer<Run, MonoSink<Boolean>> action) {
    Run run = child.part().run();
    return Mono.create(sink -> run.loop().execute(() -> action.accept(run, sink)));
  }

  /** Asks the child to end, as its command's {@link Termination} says; {@link #exit()} tells. */
  public void terminate() {
    terminate(child.settings().termination);
  }

  /** Asks the child to end in another way; it takes the place of one that is on its way. */
  public void terminate(Termination termination) {
    child.loop().execute(() -> child.terminate(termination));
  }

  /**
   * What the child uses now, read from {@code /proc} off the event loops; empty once it is reaped.
   */
  public Mono<ProcessSnapshot> snapshot() {
    return ProcessSnapshot.of(child);
  }

  /** Lets go: closes our ends of its pipes and ends it. Repeating does nothing. */
  @Override
  public void dispose() {
    child.loop().execute(child::cancel);
  }

  /** Whether the child is reaped. */
  @Override
  public boolean isDisposed() {
    return !isAlive();
  }

  @Override
  public String toString() {
    int pid = child.pidOrZero();
    return command + (pid == 0 ? " (ended)" : " (pid " + pid + ")");
  }

  @FunctionalInterface
  private interface Signalling {
    @Nullable Boolean run() throws SystemCallException;
  }
}
