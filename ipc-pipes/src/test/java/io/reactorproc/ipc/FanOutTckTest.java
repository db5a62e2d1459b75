/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One branch of a fan-out. */
public final class FanOutTckTest extends DecodingVerification<ByteBuf> {
  @Override
  protected Publisher<ByteBuf> decode(Flux<ByteBuf> lines) {
    AtomicReference<@Nullable FanOutBranch> branch = new AtomicReference<>();
    FanOut.slowest()
        .connect(
            Records.lines().decode(lines),
            made -> {
              branch.set(made);
              return Mono.never();
            })
        .subscribe();
    return Objects.requireNonNull(branch.get()).bytes();
  }
}
