/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.PipeEnds;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.Map;
import java.util.Set;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One run of a sequence whose steps write into one pipe that we read. */
final class SequenceStream {
  private final Sequence sequence;
  private final LentDescriptor writeEnd;
  private final SharedOutput readEnd;
  private final SequenceRun run;
  private final Disposable.Swap steps = Disposables.swap();
  private final Sinks.One<SequenceResult> outcome = Sinks.one();

  private SequenceStream(Sequence sequence) throws SystemCallException {
    ProcessRuntime runtime = ProcessRuntime.shared();
    Kernel kernel = runtime.kernel();
    long ends = kernel.pipe("make the pipe of the steps' output");
    this.sequence = sequence;
    this.readEnd = new SharedOutput(runtime, Descriptor.own(kernel, PipeEnds.readEnd(ends)));
    this.writeEnd = new LentDescriptor(Descriptor.own(kernel, PipeEnds.writeEnd(ends)));
    this.run = SequenceRun.of(sequence, Map.of(1, writeEnd));
  }

  /** The bytes by demand, then the verdict. */
  static Flux<ByteBuf> bytes(Sequence sequence) {
    return Flux.defer(
        () -> {
          try {
            return open(sequence).judged();
          } catch (ProcessStartException e) {
            return Flux.error(e);
          }
        });
  }

  /** All bytes up to the limit, with the verdict. */
  static Mono<SequenceResult> output(Sequence sequence) {
    return Mono.defer(
        () -> {
          try {
            return open(sequence).collected();
          } catch (ProcessStartException e) {
            return Mono.error(e);
          }
        });
  }

  private static SequenceStream open(Sequence sequence) throws ProcessStartException {
    sequence.check(Set.of(1));
    try {
      return new SequenceStream(sequence);
    } catch (SystemCallException e) {
      throw new ProcessStartException(
          ProcessStartException.Reason.LIMITS,
          sequence.toString(),
          "no pipe: " + e.getMessage(),
          e);
    }
  }

  private Flux<ByteBuf> judged() {
    return written().concatWith(outcome.asMono().flatMap(sequence::judged).then(Mono.empty()));
  }

  private Mono<SequenceResult> collected() {
    ByteArray kept = new ByteArray(sequence.whole().captureLimit);
    return written()
        .<Void>handle(
            (chunk, sink) -> {
              int size = chunk.readableBytes();
              int added = kept.add(chunk, chunk.readerIndex(), size);
              chunk.release();
              if (added < size) {
                sink.error(run.because(Reason.CAPTURE_LIMIT, kept.toArray(), null));
              }
            })
        .then(outcome.asMono())
        .flatMap(result -> sequence.judged(result.withStdout(kept.toArray())));
  }

  private Flux<ByteBuf> written() {
    return readEnd.doOnSubscribe(s -> start()).doFinally(end -> steps.dispose());
  }

  private void start() {
    steps.update(
        run.run()
            .doFinally(end -> writeEnd.close())
            .subscribe(this::stepsEnded, this::stepsFailed));
  }

  private void stepsEnded(SequenceResult result) {
    writeEnd.close();
    outcome.tryEmitValue(result).orThrow();
    readEnd.writersEnded(sequence.whole().outputGrace);
  }

  /** What earlier steps have written comes before the error, unless that is about time. */
  private void stepsFailed(Throwable error) {
    writeEnd.close();
    if (error instanceof ProcessExitException) {
      readEnd.fail(error);
    } else {
      outcome.tryEmitError(error).orThrow();
      readEnd.writersEnded(sequence.whole().outputGrace);
    }
  }
}
