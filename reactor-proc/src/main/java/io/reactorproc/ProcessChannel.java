/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.ByteSink;
import reactor.core.publisher.Flux;

/**
 * Our end of a {@link Channel} to a running child. May be used from any thread; what it delivers is
 * delivered on the child's event loop.
 *
 * <p>The directions end one by one. {@code sink().close()} lets the child read end of file, and
 * what it still writes is received. Cancelling {@link #receive()} lets a child that writes more
 * have {@code EPIPE}, and what we write still arrives; SIGPIPE comes with it, except for one that
 * waits for room in a socket just then. At the child's exit the writing ends as for stdin, and what
 * the child has written can still be received, as of an output.
 */
public final class ProcessChannel {
  private final Flux<ByteBuf> receive;
  private final ByteSink sink;
  private final Settings settings;

  ProcessChannel(Flux<ByteBuf> receive, ByteSink sink, Settings settings) {
    this.receive = receive;
    this.sink = sink;
    this.settings = settings;
  }

  /**
   * What the child writes, by demand, for one subscriber, who releases the buffers: without demand
   * nothing is read, and the child waits when the kernel's buffer is full. Completes when the child
   * has closed its end, or at its exit, once all is delivered.
   */
  public Flux<ByteBuf> receive() {
    return receive;
  }

  /** The lines that the child writes, as {@link Command#lines()} would cut them. */
  public Flux<String> lines() {
    return settings.records.decodeText(receive, settings.decoding);
  }

  /** What the child reads; {@link ByteSink#close()} half-closes. */
  public ByteSink sink() {
    return sink;
  }
}
