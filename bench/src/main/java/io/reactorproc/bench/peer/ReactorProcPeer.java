/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.Command;
import io.reactorproc.ExitStatus;
import io.reactorproc.Output;
import io.reactorproc.Pipeline;
import io.reactorproc.ProcessResult;
import io.reactorproc.RunningProcess;
import io.reactorproc.Stdin;
import io.reactorproc.ipc.RecordBatch;
import io.reactorproc.ipc.Records;
import io.reactorproc.signals.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** This library, through its public contract alone. */
final class ReactorProcPeer implements Peer {
  /** How many of a crowd are being started at a time. */
  private static final int STARTING = 16;

  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private static final ByteBuf BLOCK =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer(Pattern.BLOCK).writeBytes(Pattern.block()));

  @Override
  public boolean keepsItsThreads() {
    return true;
  }

  private static <T> T await(Mono<T> mono) {
    return Objects.requireNonNull(mono.block(TIMEOUT), "a value");
  }

  @Override
  public int exitCode(List<String> command) {
    return await(Command.of(command).exit()).code().orElseThrow();
  }

  @Override
  public long spawn(List<String> command, int inFlight, Deadline deadline) {
    return spawn(Command.of(command), inFlight, deadline);
  }

  @Override
  public long spawnUnpiped(List<String> command, int inFlight, Deadline deadline) {
    return spawn(Command.of(command).stderr(Output.discard()), inFlight, deadline);
  }

  private static long spawn(Command command, int inFlight, Deadline deadline) {
    return await(
        repeat(command, deadline)
            .flatMap(Command::exit, inFlight)
            .doOnNext(ReactorProcPeer::checkSuccess)
            .count());
  }

  @Override
  public long capture(List<String> command, String expect, int inFlight, Deadline deadline) {
    String line = expect + "\n";
    return await(
        repeat(Command.of(command), deadline)
            .flatMap(Command::output, inFlight)
            .doOnNext(result -> Check.equal(result.stdoutText(), line, "stdout"))
            .count());
  }

  private static Flux<Command> repeat(Command command, Deadline deadline) {
    return Flux.generate(
        () -> 0,
        (started, sink) -> {
          if (started > 0 && deadline.passed()) {
            sink.complete();
          } else {
            sink.next(command);
          }
          return 1;
        });
  }

  private static void checkSuccess(ExitStatus status) {
    Check.equal(status.code().orElse(-1), 0, "the exit code");
  }

  /** Counts and releases. */
  private static final class Counter {
    long bytes;
    long reads;

    void take(ByteBuf buffer) {
      bytes += buffer.readableBytes();
      reads++;
      buffer.release();
    }

    void takeChecked(ByteBuf buffer) {
      int length = buffer.readableBytes();
      int from = buffer.readerIndex();
      Pattern.check(bytes, buffer.getByte(from), buffer.getByte(from + length - 1), length);
      take(buffer);
    }

    Stream stream() {
      return new Stream(bytes, reads);
    }
  }

  @Override
  public Stream output(List<String> command) {
    Counter counter = new Counter();
    Command.of(command).bytes().doOnNext(counter::take).then().block(TIMEOUT);
    return counter.stream();
  }

  @Override
  public Stream echo(List<String> command, long bytes) {
    Counter counter = new Counter();
    Command.of(command)
        .stdin(Stdin.publisher(pattern(bytes)))
        .bytes()
        .doOnNext(counter::takeChecked)
        .then()
        .block(TIMEOUT);
    return counter.stream();
  }

  /** The same block over and over, cut at the end. */
  private static Flux<ByteBuf> pattern(long bytes) {
    return Flux.generate(
        () -> bytes,
        (left, sink) -> {
          if (left == 0) {
            sink.complete();
            return left;
          }
          int length = (int) Math.min(Pattern.BLOCK, left);
          sink.next(BLOCK.slice(0, length));
          return left - length;
        });
  }

  @Override
  public long[] roundTrips(List<String> command, int count) {
    RunningProcess child = await(Command.of(command).stdin(Stdin.pipe()).start());
    RoundTrips trips = new RoundTrips(child, count);
    child.stdout().doOnNext(trips::take).doOnSubscribe(s -> trips.send()).then().block(TIMEOUT);
    checkSuccess(await(child.exit()));
    child.dispose();
    return trips.nanos();
  }

  @Override
  public Lines lines(List<String> command, String form) {
    LineCounter counter = new LineCounter();
    Command child = Command.of(command);
    switch (form) {
      case "text" -> child.lines().doOnNext(counter::take).then().block(TIMEOUT);
      case "slices" ->
          Records.lines().decode(child.bytes()).doOnNext(counter::take).then().block(TIMEOUT);
      case "batches" ->
          Records.lines()
              .decodeBatches(child.bytes())
              .doOnNext(counter::take)
              .then()
              .block(TIMEOUT);
      default -> throw new IllegalArgumentException("no form " + form);
    }
    return new Lines(counter.count, counter.bytes);
  }

  private static final class LineCounter {
    long count;
    long bytes;

    void take(String line) {
      count++;
      bytes += line.length() + 1;
    }

    void take(ByteBuf line) {
      count++;
      bytes += line.readableBytes() + 1;
      line.release();
    }

    void take(RecordBatch batch) {
      int size = batch.size();
      for (int i = 0; i < size; i++) {
        bytes += batch.length(i) + 1;
      }
      count += size;
      batch.release();
    }
  }

  @Override
  public String pipeline(List<List<String>> commands) {
    Pipeline pipeline = Command.of(commands.get(0)).pipe(Command.of(commands.get(1)));
    for (List<String> further : commands.subList(2, commands.size())) {
      pipeline = pipeline.pipe(Command.of(further));
    }
    return await(pipeline.text());
  }

  @Override
  public Crowd crowd(List<String> command, int count) {
    Command child = Command.of(command);
    List<RunningProcess> children =
        await(
            Flux.range(0, count)
                .flatMap(i -> child.start(), STARTING)
                .doOnNext(ReactorProcPeer::watch)
                .collectList());
    return () -> {
      Long killed =
          await(
              Flux.fromIterable(children)
                  .flatMap(each -> each.signal(Signal.SIGKILL).then(each.exit()), count)
                  .doOnNext(ReactorProcPeer::checkKilled)
                  .count());
      Check.equal(killed, count, "children that ended");
      children.forEach(RunningProcess::dispose);
    };
  }

  private static void watch(RunningProcess child) {
    child.stdout().subscribe(ByteBuf::release);
    child.stderr().subscribe(ByteBuf::release);
  }

  private static void checkKilled(ExitStatus status) {
    Check.equal(status.toString(), "SIGKILL", "the exit status");
  }

  @Override
  public long[] exits(List<String> command, int count) {
    Command child = Command.of(command);
    return await(
            Flux.range(0, count)
                .concatMap(i -> child.output().map(ProcessResult::stdout).map(Check::sinceStamp))
                .collectList())
        .stream()
        .mapToLong(Long::longValue)
        .toArray();
  }
}
