/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.ExitStatus;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** A finished script with what it wrote. Immutable; the byte arrays are not to be changed. */
public final class ScriptResult {
  private final int status;
  private final byte[] stdout;
  private final byte[] stderr;
  private final List<Step> steps;

  ScriptResult(int status, byte[] stdout, byte[] stderr, List<Step> steps) {
    this.status = status;
    this.stdout = stdout;
    this.stderr = stderr;
    this.steps = List.copyOf(steps);
  }

  /**
   * A command that was run, or was to be.
   *
   * @param command its arguments, escaped for reading
   * @param status as {@code $?}: the code, or 128 + signal; 127 where there is no such program, 126
   *     where it cannot be executed, 2 where a file of a redirection cannot be opened
   * @param exit how the child ended; empty where there was none
   */
  public record Step(String command, int status, Optional<ExitStatus> exit) {
    @Override
    public String toString() {
      return command + ": " + status;
    }
  }

  /** The status, as {@code $?} after the script: that of the last command. */
  public int status() {
    return status;
  }

  /** Every command that was run, in the order in which they ended. */
  public List<Step> steps() {
    return steps;
  }

  /** What came on stdout. */
  public byte[] stdout() {
    return stdout;
  }

  /** What came on stderr. */
  public byte[] stderr() {
    return stderr;
  }

  /** Stdout as UTF-8; what is malformed becomes U+FFFD. */
  public String stdoutText() {
    return stdoutText(StandardCharsets.UTF_8);
  }

  /** Stdout in a charset; what is malformed becomes its replacement. */
  public String stdoutText(Charset charset) {
    return new String(stdout, charset);
  }

  /** Stderr as UTF-8; what is malformed becomes U+FFFD. */
  public String stderrText() {
    return new String(stderr, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "ScriptResult["
        + status
        + ", stdout "
        + stdout.length
        + " bytes, stderr "
        + stderr.length
        + " bytes]";
  }
}
