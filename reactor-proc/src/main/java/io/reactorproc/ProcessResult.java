/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A finished child with what it wrote. Immutable; the byte arrays are shared and must not be
 * changed.
 */
public final class ProcessResult {
  private static final byte[] NOTHING = {};

  private final int pid;
  private final ExitStatus status;
  private final Map<Integer, byte[]> captured;
  private final List<OutputSummary> outputs;

  ProcessResult(
      int pid, ExitStatus status, Map<Integer, byte[]> captured, List<OutputSummary> outputs) {
    this.pid = pid;
    this.status = status;
    this.captured = Map.copyOf(captured);
    this.outputs = List.copyOf(outputs);
  }

  /** The pid that the child had; the number may belong to another process by now. */
  public int pid() {
    return pid;
  }

  /** How the child ended. */
  public ExitStatus status() {
    return status;
  }

  /** What came on stdout; empty where it was sent elsewhere. */
  public byte[] stdout() {
    return output(1);
  }

  /** What came on stderr; empty where it was sent elsewhere. */
  public byte[] stderr() {
    return output(2);
  }

  /** What came on the child's descriptor of this number. */
  public byte[] output(int descriptor) {
    return captured.getOrDefault(descriptor, NOTHING);
  }

  /** Stdout as UTF-8; what is malformed becomes U+FFFD. */
  public String stdoutText() {
    return stdoutText(StandardCharsets.UTF_8);
  }

  /** Stdout in a charset; what is malformed becomes its replacement. */
  public String stdoutText(Charset charset) {
    return new String(stdout(), charset);
  }

  /** Stderr as UTF-8; what is malformed becomes U+FFFD. */
  public String stderrText() {
    return new String(stderr(), StandardCharsets.UTF_8);
  }

  /** The outputs that came through the JVM, by descriptor number. */
  public List<OutputSummary> outputs() {
    return outputs;
  }

  /** Counters and end of one output; empty where it did not come through the JVM. */
  public Optional<OutputSummary> summary(int descriptor) {
    return outputs.stream().filter(o -> o.descriptor() == descriptor).findFirst();
  }

  @Override
  public String toString() {
    return "ProcessResult["
        + status
        + ", stdout "
        + stdout().length
        + " bytes, stderr "
        + stderr().length
        + " bytes]";
  }
}
