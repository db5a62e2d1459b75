/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A peer's program while it runs: a word to its stdin, an answer from its stdout. Between its
 * rounds it waits and costs nothing. By {@link ProcessBuilder}, so that the judge does not depend
 * on whom it judges.
 */
final class PeerSession {
  /** A thread for each of 4,000 children's streams makes some peers slow, not hung. */
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  private static final String END = "the end of its output";

  private final Process process;
  private final Path log;
  private final Writer words;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  /**
   * Starts the program.
   *
   * @param log the file that gets its stderr
   */
  PeerSession(List<String> command, Path log) throws IOException {
    this.log = log;
    process = new ProcessBuilder(command).redirectError(Redirect.to(log.toFile())).start();
    words = process.outputWriter(StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "answers of " + command.get(0));
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      lines.lines().forEach(answers::add);
    } catch (IOException | UncheckedIOException closedByUs) {
      // What counts is that no answer follows.
    }
    answers.add(END);
  }

  /** Lets it warm up. */
  void warmUp() throws PeerFailedException, InterruptedException {
    String answer = ask("warm");
    if (!answer.equals("ready")) {
      Answers.metrics(answer); // a failure tells its reason
      throw failed("answered '" + answer + "' to the warm-up");
    }
  }

  /** One round. */
  Map<String, Double> round() throws PeerFailedException, InterruptedException {
    return Answers.metrics(ask("round"));
  }

  private String ask(String word) throws PeerFailedException, InterruptedException {
    try {
      words.write(word + "\n");
      words.flush();
    } catch (IOException e) {
      throw failed("is gone");
    }
    String answer = answers.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (answer == null) {
      throw failed("gave no answer in " + PATIENCE.toMinutes() + " minutes");
    }
    if (answer.equals(END)) {
      throw failed("ended in the middle of a " + word);
    }
    return answer;
  }

  private PeerFailedException failed(String what) {
    String stderr;
    try {
      stderr = Files.readString(log).strip();
    } catch (IOException e) {
      stderr = e.toString();
    }
    return new PeerFailedException(what + (stderr.isEmpty() ? "" : ":\n" + stderr));
  }

  /** Ends the program; one that does not end by itself is killed, with its children. */
  void end() throws InterruptedException {
    try {
      words.close();
    } catch (IOException gone) {
      // It has ended before.
    }
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      List<ProcessHandle> children = process.descendants().toList();
      process.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
      process.waitFor();
    }
  }
}
