/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Which exit statuses are success. A status that the policy does not accept ends the stream with a
 * {@link ProcessExitException}. The default of a command is {@link #zero()}.
 */
public final class ExitPolicy {
  private static final ExitPolicy ZERO = new ExitPolicy("code 0", ExitStatus::isSuccess);
  private static final ExitPolicy ANY = new ExitPolicy("any status", status -> true);

  private final String description;
  private final Predicate<ExitStatus> accepted;

  private ExitPolicy(String description, Predicate<ExitStatus> accepted) {
    this.description = description;
    this.accepted = accepted;
  }

  /** Only the code 0. */
  public static ExitPolicy zero() {
    return ZERO;
  }

  /** Whatever comes, a lost status included: the caller looks at it. */
  public static ExitPolicy any() {
    return ANY;
  }

  /**
   * Any of these codes, such as 0 and 1 for {@code grep}.
   *
   * @throws IllegalArgumentException if there is none, or one is not in 0 to 255
   */
  public static ExitPolicy codes(int... codes) {
    if (codes.length == 0) {
      throw new IllegalArgumentException("a policy needs at least one exit code");
    }
    int[] accepted = codes.clone();
    for (int code : accepted) {
      if (code < 0 || code > 255) {
        throw new IllegalArgumentException("an exit code is 0 to 255, not " + code);
      }
    }
    return new ExitPolicy(
        "codes " + Arrays.toString(accepted), s -> Arrays.stream(accepted).anyMatch(s::is));
  }

  /** What a predicate accepts. It runs on an event loop and must not block. */
  public static ExitPolicy matching(Predicate<ExitStatus> accepted) {
    return new ExitPolicy("a predicate", Objects.requireNonNull(accepted, "accepted"));
  }

  /** Whether the status is a success. */
  public boolean accepts(ExitStatus status) {
    return accepted.test(status);
  }

  @Override
  public String toString() {
    return "ExitPolicy[" + description + "]";
  }
}
