/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import io.reactorproc.ProcessExitException;
import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.ProcessStartException;
import io.reactorproc.signals.Signal;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;

/**
 * How a run failed, as predicates for {@code Retry.filter} and {@code onErrorResume}: {@code
 * Retry.backoff(3, Duration.ofMillis(100)).filter(Failures.exitCode(75))}. They combine with {@code
 * or}.
 */
public final class Failures {
  private Failures() {}

  /** It exited by itself with one of these codes. */
  public static Predicate<Throwable> exitCode(int... codes) {
    int[] wanted = codes.clone();
    return error ->
        error instanceof ProcessExitException exit
            && exit.reason() == Reason.STATUS
            && Arrays.stream(wanted).anyMatch(exit.status()::is);
  }

  /**
   * One of these signals ended it, any where none is given. Signals that were sent because of a
   * timeout or a limit do not count: see {@link #timeout()}.
   */
  public static Predicate<Throwable> signal(Signal... signals) {
    Set<Signal> wanted = Set.of(signals);
    return error ->
        error instanceof ProcessExitException exit
            && exit.reason() == Reason.STATUS
            && exit.status()
                .signal()
                .filter(signal -> wanted.isEmpty() || wanted.contains(signal))
                .isPresent();
  }

  /** Its timeout or its idle timeout ended it. */
  public static Predicate<Throwable> timeout() {
    return error ->
        error instanceof ProcessExitException exit
            && (exit.reason() == Reason.TIMEOUT || exit.reason() == Reason.IDLE_TIMEOUT);
  }

  /** It could not be started for one of these reasons, for any where none is given. */
  public static Predicate<Throwable> start(ProcessStartException.Reason... reasons) {
    Set<ProcessStartException.Reason> wanted = Set.of(reasons);
    return error ->
        error instanceof ProcessStartException start
            && (wanted.isEmpty() || wanted.contains(start.reason()));
  }
}
