/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.reactorproc.Command;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Two FIFOs: children say that they are there and wait to be let through. The test holds both ends
 * of both, so that nobody blocks in {@code open} or sees an end of file.
 */
final class Gate implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(20);

  private final Path arrivals;
  private final Path passes;
  private final RandomAccessFile arrived;
  private final RandomAccessFile pass;

  Gate(Path directory) throws IOException {
    arrivals = directory.resolve("arrivals");
    passes = directory.resolve("passes");
    Command.of("mkfifo", arrivals.toString(), passes.toString()).output().block(SOON);
    arrived = new RandomAccessFile(arrivals.toFile(), "rw");
    pass = new RandomAccessFile(passes.toFile(), "rw");
  }

  /** A child that arrives, waits, and then does what the script says; $1 is the argument. */
  Command waiting(String script, Object argument) {
    return Command.of(
        "sh",
        "-c",
        "echo \"$1\" > \"$2\"; head -c 1 < \"$3\" > /dev/null; " + script,
        "sh",
        argument.toString(),
        arrivals.toString(),
        passes.toString());
  }

  /** Waits until another child is there; what its argument is. */
  String awaitArrival() throws IOException {
    return arrived.readLine();
  }

  /** Whether a child is there that nobody has waited for. */
  boolean isAnybodyThere() throws IOException {
    return Command.of("dd", "iflag=nonblock", "if=" + arrivals, "bs=1", "count=1")
        .success(io.reactorproc.ExitPolicy.any())
        .output()
        .map(result -> result.status().isSuccess())
        .blockOptional(SOON)
        .orElseThrow();
  }

  /** Lets one child through, whichever comes first. */
  void letOnePass() throws IOException {
    pass.write("x".getBytes(US_ASCII));
  }

  @Override
  public void close() throws IOException {
    arrived.close();
    pass.close();
  }
}
