/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.RunningTap;
import io.reactorproc.ipc.Tap;
import java.util.function.Function;
import org.reactivestreams.Publisher;

/**
 * A look at what flows from the child before to the child behind.
 *
 * @param observer called once for each run, on its event loop
 */
record TapStage(Tap tap, Function<? super RunningTap, ? extends Publisher<Void>> observer)
    implements Stage {

  @Override
  public String toString() {
    return "(tap)";
  }
}
