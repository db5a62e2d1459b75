/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.WaitResult;
import io.reactorproc.signals.Signal;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How a child ended: with a code, by a signal, or unknown because somebody else in this process
 * took its status. An immutable value; what is good or bad about it is the business of an {@link
 * ExitPolicy}.
 */
public final class ExitStatus {
  private final WaitResult result;
  private final long wallNanos;

  ExitStatus(WaitResult result, long wallNanos) {
    this.result = result;
    this.wallNanos = wallNanos;
  }

  /** Of what was no child, or of one whose success counts as failure. */
  static ExitStatus madeUp(int code) {
    return new ExitStatus(new WaitResult(WaitResult.Kind.EXITED, code, WaitResult.Usage.NONE), 0);
  }

  /** Of what has not run. */
  static ExitStatus lost() {
    return new ExitStatus(WaitResult.LOST, 0);
  }

  /** As a shell's {@code !} turns it; a lost one stays lost. */
  ExitStatus negated(boolean success) {
    return isLost()
        ? this
        : new ExitStatus(
            new WaitResult(WaitResult.Kind.EXITED, success ? 1 : 0, result.usage()), wallNanos);
  }

  /** The code given to {@code exit(3)}, 0 to 255; empty where a signal ended it or it is lost. */
  public OptionalInt code() {
    return result.kind() == WaitResult.Kind.EXITED
        ? OptionalInt.of(result.value())
        : OptionalInt.empty();
  }

  /** The signal that ended the child; real-time signals, too. */
  public Optional<Signal> signal() {
    return isSignaled() ? Optional.of(Signal.of(result.value())) : Optional.empty();
  }

  /** Whether a signal ended the child. */
  public boolean isSignaled() {
    return result.kind() == WaitResult.Kind.KILLED || result.kind() == WaitResult.Kind.DUMPED;
  }

  /** Whether a signal ended the child and the kernel wrote a core file. */
  public boolean coreDumped() {
    return result.kind() == WaitResult.Kind.DUMPED;
  }

  /**
   * Whether the status is lost: the child is gone, and somebody else in this JVM has waited for it
   * ({@code waitpid(-1)} in native code, or SIGCHLD being ignored). Never success, never a number.
   */
  public boolean isLost() {
    return result.kind() == WaitResult.Kind.LOST;
  }

  /** Whether the child exited with this code. */
  public boolean is(int code) {
    return result.kind() == WaitResult.Kind.EXITED && result.value() == code;
  }

  /** Whether the child exited with code 0. */
  public boolean isSuccess() {
    return is(0);
  }

  /** What the child used; empty where the status is lost. */
  public Optional<ResourceUsage> usage() {
    return Optional.ofNullable(usageOrNull());
  }

  private @Nullable ResourceUsage usageOrNull() {
    if (isLost()) {
      return null;
    }
    WaitResult.Usage raw = result.usage();
    return new ResourceUsage(
        Duration.ofNanos(raw.userMicros() * 1000),
        Duration.ofNanos(raw.systemMicros() * 1000),
        raw.maxRssBytes(),
        raw.minorFaults(),
        raw.majorFaults(),
        raw.blocksIn(),
        raw.blocksOut(),
        raw.voluntarySwitches(),
        raw.involuntarySwitches());
  }

  /** From just before the start to the reap, on the monotonic clock. */
  public Duration wallTime() {
    return Duration.ofNanos(wallNanos);
  }

  /** What a shell would put into {@code $?}: the code, or 128 + signal; empty where it is lost. */
  public OptionalInt shellStatus() {
    return isSignaled() ? OptionalInt.of(128 + result.value()) : code();
  }

  /** A few words: {@code exit code 3}, {@code SIGKILL}, {@code SIGSEGV (core dumped)}. */
  @Override
  public String toString() {
    if (isLost()) {
      return "status lost";
    }
    if (isSignaled()) {
      return Signal.of(result.value()).name() + (coreDumped() ? " (core dumped)" : "");
    }
    return "exit code " + result.value();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ExitStatus that
        && result.kind() == that.result.kind()
        && result.value() == that.result.value()
        && result.usage().equals(that.result.usage())
        && wallNanos == that.wallNanos;
  }

  @Override
  public int hashCode() {
    return 31 * result.kind().hashCode() + result.value();
  }
}
