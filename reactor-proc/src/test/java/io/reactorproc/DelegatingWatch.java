/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.WaitResult;

/** A watch that does what another does, for those that change one of its ways. */
abstract class DelegatingWatch implements ExitWatch {
  private final ExitWatch watch;

  DelegatingWatch(ExitWatch watch) {
    this.watch = watch;
  }

  @Override
  public void start(Listener listener) throws SystemCallException {
    watch.start(listener);
  }

  @Override
  public void outputEnded() {
    watch.outputEnded();
  }

  @Override
  public void stop() {
    watch.stop();
  }

  @Override
  public boolean signal(int signal) throws SystemCallException {
    return watch.signal(signal);
  }

  @Override
  public WaitResult takeJobChange() {
    return watch.takeJobChange();
  }
}
