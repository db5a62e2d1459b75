/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.signals.Signal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * How a child is ended, as a list of steps that are taken one after the other until the child is
 * gone. An immutable value. It runs at a cancel, a timeout, a limit that is exceeded, {@link
 * RunningProcess#terminate()} and at the end of the JVM.
 *
 * <p>The {@linkplain #graceful() default}: SIGTERM to the process group, 5 seconds, SIGKILL to the
 * group. A cancelled stream has hung up before that: the JVM's ends of the child's pipes are closed
 * first, so that a child that writes or reads gets SIGPIPE or end of file.
 *
 * <p>A stopped child takes notice of no signal but SIGKILL. Therefore SIGCONT follows, to the same
 * addressees, the last of the steps before a pause, and before the end, if one of them is more than
 * SIGKILL: it finds the signal waiting as soon as it goes on. For one that is not stopped that
 * changes nothing, unless it has a handler for SIGCONT.
 */
public final class Termination {
  private static final Termination GRACEFUL = graceful(Duration.ofSeconds(5));

  private final List<Step> steps;

  private Termination(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /** One step. Steps other than {@link Wait} are done in an instant. */
  public sealed interface Step {}

  /** Sends a signal to the child's process group or, where the child shares ours, to the child. */
  public record SignalGroup(Signal signal) implements Step {}

  /** Sends a signal to the child alone. */
  public record SignalChild(Signal signal) implements Step {}

  /** Closes our end of the child's stdin. */
  public record CloseStdin() implements Step {}

  /** Writes to the child's stdin, such as {@code quit\n}; nothing where stdin is not our pipe. */
  public record WriteStdin(String text) implements Step {}

  /** Gives the child time; the wait ends early when the child is gone. */
  public record Wait(Duration time) implements Step {}

  /** SIGTERM to the group, 5 seconds, SIGKILL to the group. */
  public static Termination graceful() {
    return GRACEFUL;
  }

  /** SIGTERM to the group, this much time, SIGKILL to the group. */
  public static Termination graceful(Duration patience) {
    return start().signalGroup(Signal.SIGTERM).pause(patience).signalGroup(Signal.SIGKILL);
  }

  /** SIGKILL to the group at once. */
  public static Termination kill() {
    return start().signalGroup(Signal.SIGKILL);
  }

  /** No step yet. A termination whose last step is not SIGKILL may leave the child running. */
  public static Termination start() {
    return new Termination(List.of());
  }

  /** Then a signal to the child's process group, {@code kill(-pgid)}. */
  public Termination signalGroup(Signal signal) {
    return then(new SignalGroup(Objects.requireNonNull(signal, "signal")));
  }

  /** Then a signal to the child alone, {@code pidfd_send_signal(2)}. */
  public Termination signalChild(Signal signal) {
    return then(new SignalChild(Objects.requireNonNull(signal, "signal")));
  }

  /** Then close stdin. */
  public Termination closeStdin() {
    return then(new CloseStdin());
  }

  /** Then write text in UTF-8 to stdin. */
  public Termination writeStdin(String text) {
    if (text.getBytes(StandardCharsets.UTF_8).length > 4096) {
      throw new InvalidCommandException("a farewell is at most 4,096 bytes: a pipe takes it whole");
    }
    return then(new WriteStdin(text));
  }

  /**
   * Then wait.
   *
   * @throws InvalidCommandException if the time is negative
   */
  public Termination pause(Duration time) {
    return then(new Wait(Durations.checked(time, "the time to wait")));
  }

  /** The steps in their order. */
  public List<Step> steps() {
    return steps;
  }

  private Termination then(Step step) {
    List<Step> longer = new ArrayList<>(steps);
    longer.add(step);
    return new Termination(longer);
  }

  @Override
  public String toString() {
    return "Termination" + steps;
  }
}
