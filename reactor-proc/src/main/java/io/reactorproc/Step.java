/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/**
 * One step of a {@link Sequence}. A value.
 *
 * @param link when it runs
 * @param negated whether its success counts as failure
 */
record Step(Link link, Job job, boolean negated) {

  /** When a step runs, by how the step before it that did run has ended. */
  enum Link {
    ALWAYS("; "),
    IF_SUCCESS(" && "),
    IF_FAILURE(" || ");

    private final String sign;

    Link(String sign) {
      this.sign = sign;
    }

    boolean runsAfter(boolean success) {
      return this == ALWAYS || success == (this == IF_SUCCESS);
    }

    String sign() {
      return sign;
    }
  }

  /** As a shell would write it. */
  @Override
  public String toString() {
    String text = job instanceof Sequence ? "{ " + job + "; }" : job.toString();
    return negated ? "! " + text : text;
  }
}
