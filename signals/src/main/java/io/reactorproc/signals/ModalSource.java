/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** Each signal through a signalfd where that is sound, and through the JVM's handler elsewhere. */
final class ModalSource implements SignalSource {
  private final SignalSource signalfd;
  private final SignalSource handler;

  ModalSource(SignalSource signalfd, SignalSource handler) {
    this.signalfd = signalfd;
    this.handler = handler;
  }

  SignalMode mode(Signal signal) {
    return signalfd.refusal(signal) == null ? SignalMode.SIGNALFD : SignalMode.HANDLER;
  }

  private SignalSource source(Signal signal) {
    return mode(signal) == SignalMode.SIGNALFD ? signalfd : handler;
  }

  @Override
  public @Nullable String refusal(Signal signal) {
    String always = UniversalRefusals.reason(signal);
    return always != null ? always : source(signal).refusal(signal);
  }

  @Override
  public Disposable open(Signal signal, Receiver receiver) {
    return source(signal).open(signal, receiver);
  }
}
