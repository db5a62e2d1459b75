/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import org.jspecify.annotations.Nullable;

/**
 * Which statuses of its stages make a {@link Pipeline} a success. Each stage's own status is judged
 * by the {@link ExitPolicy} of its command, code 0 by default; this says which of the stages count.
 * An immutable value.
 *
 * <p>A stage that SIGPIPE ended has not failed if the stage that read from it ended well: it was
 * not needed any longer, as {@code yes} in {@code yes | head -n 1}. {@link #strict()} counts it.
 */
public final class PipePolicy {
  private static final PipePolicy LAST = new PipePolicy(Counts.LAST, false);
  private static final PipePolicy PIPEFAIL = new PipePolicy(Counts.FIRST_FAILURE, false);
  private static final PipePolicy ALL = new PipePolicy(Counts.ALL, false);

  private final Counts counts;
  private final boolean strict;

  enum Counts {
    LAST,
    FIRST_FAILURE,
    ALL
  }

  private PipePolicy(Counts counts, boolean strict) {
    this.counts = counts;
    this.strict = strict;
  }

  /** Only the last stage counts, as in a shell: the default. */
  public static PipePolicy last() {
    return LAST;
  }

  /**
   * No stage may fail. The error is that of the first one that failed by itself; one that SIGPIPE
   * ended, because a later stage had failed, is named only where there is no other.
   */
  public static PipePolicy pipefail() {
    return PIPEFAIL;
  }

  /** No stage may fail, and the error names every one that did. */
  public static PipePolicy all() {
    return ALL;
  }

  /** This policy, with SIGPIPE as a failure like any other. */
  public PipePolicy strict() {
    return new PipePolicy(counts, true);
  }

  Counts counts() {
    return counts;
  }

  boolean isStrict() {
    return strict;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PipePolicy that && counts == that.counts && strict == that.strict;
  }

  @Override
  public int hashCode() {
    return counts.hashCode() * 2 + (strict ? 1 : 0);
  }

  @Override
  public String toString() {
    return "PipePolicy[" + counts + (strict ? ", strict]" : "]");
  }
}
