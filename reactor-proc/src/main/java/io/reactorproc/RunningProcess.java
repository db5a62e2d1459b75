/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.flow.ChannelFlux;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.signals.Signal;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
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
   * both directions are closed by that, and the child gets SIGHUP.
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
