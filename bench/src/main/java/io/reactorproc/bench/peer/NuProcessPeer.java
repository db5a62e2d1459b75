/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import com.zaxxer.nuprocess.NuProcess;
import com.zaxxer.nuprocess.NuProcessBuilder;
import io.reactorproc.bench.peer.NuHandlers.Capturing;
import io.reactorproc.bench.peer.NuHandlers.Counting;
import io.reactorproc.bench.peer.NuHandlers.Ending;
import io.reactorproc.bench.peer.NuHandlers.Feeding;
import io.reactorproc.bench.peer.NuHandlers.Trips;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** NuProcess: handlers that its epoll threads call. It has no lines: newlines are counted. */
final class NuProcessPeer implements Peer {

  @Override
  public boolean keepsItsThreads() {
    return false;
  }

  private static <T extends Ending> T run(List<String> command, T handler) throws Exception {
    start(command, handler);
    Check.equal(handler.await(), 0, "the exit code");
    return handler;
  }

  private static NuProcess start(List<String> command, Ending handler) {
    NuProcessBuilder builder = new NuProcessBuilder(handler, command.toArray(String[]::new));
    return Objects.requireNonNull(builder.start(), "a process");
  }

  @Override
  public int exitCode(List<String> command) throws Exception {
    Ending handler = new Ending();
    start(command, handler);
    return handler.await();
  }

  @Override
  public long spawn(List<String> command, int inFlight, Deadline deadline) throws Exception {
    return repeat(command, inFlight, deadline, Ending::new, handler -> {});
  }

  @Override
  public long spawnUnpiped(List<String> command, int inFlight, Deadline deadline) {
    throw new UnsupportedOperationException("NuProcess pipes all three");
  }

  @Override
  public long capture(List<String> command, String expect, int inFlight, Deadline deadline)
      throws Exception {
    return repeat(
        command,
        inFlight,
        deadline,
        Capturing::new,
        handler ->
            Check.equal(
                new String(handler.captured(), StandardCharsets.UTF_8), expect + "\n", "stdout"));
  }

  private interface Verdict<T> {
    void check(T handler);
  }

  private static <T extends Ending> long repeat(
      List<String> command,
      int inFlight,
      Deadline deadline,
      Supplier<T> handlers,
      Verdict<T> verdict)
      throws Exception {
    Semaphore permits = new Semaphore(inFlight);
    AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    long started = 0;
    do {
      permits.acquire();
      T handler = handlers.get();
      handler.onEnd(
          code -> {
            try {
              Check.equal(code, 0, "the exit code");
              verdict.check(handler);
            } catch (RuntimeException e) {
              failure.set(e);
            }
            permits.release();
          });
      start(command, handler);
      started++;
    } while (!deadline.passed());
    permits.acquire(inFlight);
    RuntimeException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
    return started;
  }

  @Override
  public Stream output(List<String> command) throws Exception {
    Counting counting = run(command, new Counting());
    return new Stream(counting.bytes, counting.reads);
  }

  @Override
  public Stream echo(List<String> command, long bytes) throws Exception {
    Feeding feeding = run(command, new Feeding(bytes));
    return new Stream(feeding.bytes, feeding.reads);
  }

  @Override
  public long[] roundTrips(List<String> command, int count) throws Exception {
    return run(command, new Trips(count)).nanos();
  }

  @Override
  public Lines lines(List<String> command, String form) throws Exception {
    NuHandlers.Newlines newlines = run(command, new NuHandlers.Newlines());
    return new Lines(newlines.lines, newlines.bytes);
  }

  @Override
  public String pipeline(List<List<String>> commands) {
    throw new UnsupportedOperationException("NuProcess has no pipelines");
  }

  @Override
  public Crowd crowd(List<String> command, int count) throws Exception {
    List<NuProcess> processes = new ArrayList<>();
    List<Ending> handlers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Ending handler = new Ending();
      handlers.add(handler);
      processes.add(start(command, handler));
    }
    return () -> {
      processes.forEach(process -> process.destroy(true));
      for (Ending handler : handlers) {
        Check.equal(handler.await(), 9, "the signal that ended a child");
      }
    };
  }

  @Override
  public long[] exits(List<String> command, int count) throws Exception {
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      Capturing capturing = new Capturing();
      run(command, capturing);
      nanos[i] = Check.sinceStamp(capturing.captured());
    }
    return nanos;
  }
}
