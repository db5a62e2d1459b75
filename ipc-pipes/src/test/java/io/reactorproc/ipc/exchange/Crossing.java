/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.Ends;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.frame.Framing;
import io.reactorproc.ipc.frame.LengthField;
import java.time.Duration;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;

/**
 * Two exchanges that are each other's peer.
 *
 * @param here one of them
 * @param there the other
 */
record Crossing(Exchange<String, String> here, Exchange<String, String> there)
    implements AutoCloseable {

  static Crossing of(
      UnaryOperator<ExchangeSpec<String, String>> here,
      UnaryOperator<ExchangeSpec<String, String>> there) {
    Pipe forth = Ends.pipe();
    Pipe back = Ends.pipe();
    return new Crossing(end(here, back, forth), end(there, forth, back));
  }

  private static Exchange<String, String> end(
      UnaryOperator<ExchangeSpec<String, String>> changes, Pipe from, Pipe to) {
    Flux<ByteBuf> in = DescriptorStreams.read(from.readEnd());
    ByteSink out =
        DescriptorStreams.write(to.writeEnd()).blockOptional(Duration.ofSeconds(20)).orElseThrow();
    return changes
        .apply(ExchangeSpec.of(Framing.lengthPrefixed(LengthField.VARINT), new TextCodec()))
        .connect(in, out);
  }

  @Override
  public void close() {
    here.dispose();
    there.dispose();
  }
}
