/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.ChannelFlux;
import java.util.HashMap;
import java.util.Map;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;

/** Runs a command with a handle in its user's hands. */
final class StartRun extends Run {
  private final MonoSink<RunningProcess> sink;
  private final Sinks.One<ExitStatus> exit = Sinks.one();
  private final Map<Integer, ChannelFlux> streams = new HashMap<>(4);
  private boolean handedOver;
  private boolean exitSaid;

  StartRun(Command command, MonoSink<RunningProcess> sink) {
    super(command, Wiring.Mode.START);
    this.sink = sink;
  }

  @Override
  ByteReceiver receiver(Child owner, OutputPort output) {
    ChannelFlux flux =
        new ChannelFlux(loop()) {
          @Override
          protected void onCancelled() {
            output.cancel();
          }
        };
    flux.bind(output.control());
    streams.put(output.descriptor, flux);
    return flux;
  }

  @Override
  void failedToStart(Throwable error) {
    sink.error(error);
  }

  @Override
  void started(Child running) {
    handedOver = true;
    sink.success(new RunningProcess(command(), running, streams, exit));
  }

  /** A cancel that comes before the handle; afterwards the handle decides. Any thread. */
  void cancelUnlessHandedOver() {
    loop()
        .execute(
            () -> {
              if (!handedOver) {
                cancelRun();
              }
            });
  }

  @Override
  void progressed() {
    Child running = childOrNull();
    if (running != null && running.isReaped() && !exitSaid) {
      exitSaid = true;
      Throwable error = verdict(ExitPolicy.any(), null);
      if (error == null) {
        exit.tryEmitValue(status());
      } else {
        exit.tryEmitError(error);
      }
    }
  }

  @Override
  void finished() {}
}
