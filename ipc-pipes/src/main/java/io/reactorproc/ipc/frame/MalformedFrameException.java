/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

/** What precedes or follows the content of a frame is not what its framing prescribes. */
public final class MalformedFrameException extends FramingException {
  private static final long serialVersionUID = 1L;

  private final String problem;

  MalformedFrameException(String problem, long offset) {
    super("the frame at byte " + offset + " is malformed: " + problem, offset, null);
    this.problem = problem;
  }

  /** What is wrong, in words. */
  public String problem() {
    return problem;
  }
}
