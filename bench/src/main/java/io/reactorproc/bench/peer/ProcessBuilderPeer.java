/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** The JDK's own way: blocking streams, and a thread for each of them. */
final class ProcessBuilderPeer implements Peer {

  @Override
  public boolean keepsItsThreads() {
    return false;
  }

  @Override
  public int exitCode(List<String> command) throws Exception {
    return new ProcessBuilder(command).start().waitFor();
  }

  @Override
  public long spawn(List<String> command, int inFlight, Deadline deadline) throws Exception {
    return inParallel(inFlight, deadline, () -> Check.equal(exitCode(command), 0, "the exit code"));
  }

  @Override
  public long spawnUnpiped(List<String> command, int inFlight, Deadline deadline) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD);
    return inParallel(
        inFlight, deadline, () -> Check.equal(builder.start().waitFor(), 0, "the exit code"));
  }

  @Override
  public long capture(List<String> command, String expect, int inFlight, Deadline deadline)
      throws Exception {
    return inParallel(
        inFlight,
        deadline,
        () -> {
          Process process = new ProcessBuilder(command).start();
          FutureTask<byte[]> stderr = onThread(() -> process.getErrorStream().readAllBytes());
          byte[] stdout = process.getInputStream().readAllBytes();
          Check.equal(stderr.get().length, 0, "bytes of stderr");
          Check.equal(new String(stdout, StandardCharsets.UTF_8), expect + "\n", "stdout");
          Check.equal(process.waitFor(), 0, "the exit code");
        });
  }

  private interface Job {
    void run() throws Exception;
  }

  private static long inParallel(int threads, Deadline deadline, Job job) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<Long>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(
            () -> {
              long done = 0;
              do {
                job.run();
                done++;
              } while (!deadline.passed());
              return done;
            });
      }
      long sum = 0;
      for (Future<Long> worker : pool.invokeAll(workers)) {
        sum += worker.get();
      }
      return sum;
    } finally {
      pool.shutdown();
    }
  }

  private static <T> FutureTask<T> onThread(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  /** A child whose stderr is drained by a thread, as it must be lest the child waits for ever. */
  private record Drained(Process process, FutureTask<byte[]> stderr) {
    static Drained start(List<String> command) throws IOException {
      Process process = new ProcessBuilder(command).start();
      return new Drained(process, onThread(() -> process.getErrorStream().readAllBytes()));
    }

    void end() throws Exception {
      Check.equal(stderr.get().length, 0, "bytes of stderr");
      Check.equal(process.waitFor(), 0, "the exit code");
    }
  }

  @Override
  public Stream output(List<String> command) throws Exception {
    Drained child = Drained.start(command);
    byte[] chunk = new byte[Pattern.BLOCK];
    long bytes = 0;
    long reads = 0;
    try (InputStream stdout = child.process().getInputStream()) {
      for (int got = stdout.read(chunk); got >= 0; got = stdout.read(chunk)) {
        bytes += got;
        reads++;
      }
    }
    child.end();
    return new Stream(bytes, reads);
  }

  @Override
  public Stream echo(List<String> command, long amount) throws Exception {
    Drained child = Drained.start(command);
    FutureTask<Long> writer = onThread(() -> feed(child.process(), amount));
    byte[] chunk = new byte[Pattern.BLOCK];
    long bytes = 0;
    long reads = 0;
    try (InputStream stdout = child.process().getInputStream()) {
      for (int got = stdout.read(chunk); got >= 0; got = stdout.read(chunk)) {
        Pattern.check(bytes, chunk[0], chunk[got - 1], got);
        bytes += got;
        reads++;
      }
    }
    Check.equal(writer.get(), amount, "bytes written");
    child.end();
    return new Stream(bytes, reads);
  }

  private static long feed(Process process, long amount) throws IOException {
    byte[] block = Pattern.block();
    long sent = 0;
    try (OutputStream stdin = process.getOutputStream()) {
      while (sent < amount) {
        int length = (int) Math.min(block.length, amount - sent);
        stdin.write(block, 0, length);
        sent += length;
      }
    }
    return sent;
  }

  @Override
  public long[] roundTrips(List<String> command, int count) throws Exception {
    Drained child = Drained.start(command);
    long[] nanos = new long[count];
    byte[] answer = new byte[64];
    try (OutputStream stdin = child.process().getOutputStream();
        InputStream stdout = child.process().getInputStream()) {
      for (int i = 0; i < count; i++) {
        byte[] payload = Payloads.of(i);
        long start = System.nanoTime();
        stdin.write(payload);
        stdin.flush();
        int got = stdout.readNBytes(answer, 0, answer.length);
        nanos[i] = System.nanoTime() - start;
        Payloads.check(i, answer, got);
      }
    }
    child.end();
    return nanos;
  }

  @Override
  public Lines lines(List<String> command, String form) throws Exception {
    Drained child = Drained.start(command);
    long count = 0;
    long bytes = 0;
    try (BufferedReader stdout =
        new BufferedReader(
            new InputStreamReader(child.process().getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = stdout.readLine(); line != null; line = stdout.readLine()) {
        count++;
        bytes += line.length() + 1;
      }
    }
    child.end();
    return new Lines(count, bytes);
  }

  /** The children are joined by pipes of the kernel; each stderr has to be drained as ever. */
  @Override
  public String pipeline(List<List<String>> commands) throws Exception {
    List<Process> stages =
        ProcessBuilder.startPipeline(commands.stream().map(ProcessBuilder::new).toList());
    List<FutureTask<byte[]>> stderrs = new ArrayList<>();
    for (Process stage : stages) {
      stderrs.add(onThread(() -> stage.getErrorStream().readAllBytes()));
    }
    byte[] answer = stages.get(stages.size() - 1).getInputStream().readAllBytes();
    for (int i = 0; i < stages.size(); i++) {
      Check.equal(stderrs.get(i).get().length, 0, "bytes of stderr");
      Check.equal(stages.get(i).waitFor(), 0, "the exit code");
    }
    return new String(answer, StandardCharsets.UTF_8);
  }

  @Override
  public Crowd crowd(List<String> command, int count) throws Exception {
    List<Process> children = new ArrayList<>();
    List<FutureTask<byte[]>> streams = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Process child = new ProcessBuilder(command).start();
      streams.add(onThread(() -> drain(child.getInputStream())));
      streams.add(onThread(() -> drain(child.getErrorStream())));
      children.add(child);
    }
    return () -> {
      children.forEach(Process::destroyForcibly);
      for (Process child : children) {
        Check.equal(child.waitFor(), 128 + 9, "the exit code");
      }
      for (FutureTask<byte[]> stream : streams) {
        Check.equal(stream.get().length, 0, "bytes of a stream");
      }
    };
  }

  /** destroyForcibly() closes the streams under those who read them. */
  private static byte[] drain(InputStream stream) {
    try {
      return stream.readAllBytes();
    } catch (IOException closed) {
      return new byte[0];
    }
  }

  @Override
  public long[] exits(List<String> command, int count) throws Exception {
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      Process process = new ProcessBuilder(command).start();
      byte[] stamp = process.getInputStream().readAllBytes();
      Check.equal(process.waitFor(), 0, "the exit code");
      nanos[i] = Check.sinceStamp(stamp);
    }
    return nanos;
  }
}
