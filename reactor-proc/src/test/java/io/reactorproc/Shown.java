/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.TextDecoding;
import io.reactorproc.testkit.Await;
import reactor.core.Disposable;

/** All that a live child has written to its terminal so far. */
final class Shown implements AutoCloseable {
  /** Guarded by this. */
  private final StringBuilder text = new StringBuilder();

  private final Disposable reading;

  Shown(RunningProcess child) {
    reading = TextDecoding.utf8().decode(child.stdout()).subscribe(this::add);
  }

  private synchronized void add(String piece) {
    text.append(piece);
  }

  private synchronized boolean contains(String part, int from) {
    return text.indexOf(part, from) >= 0;
  }

  /** Waits until this was written. */
  void await(String part) {
    assertThat(Await.within(Limits.SOON, () -> contains(part, 0)))
        .as("'%s' in: %s", part, this)
        .isTrue();
  }

  /** Waits until this was written after what is there now. */
  void awaitAfter(int position, String part) {
    assertThat(Await.within(Limits.SOON, () -> contains(part, position)))
        .as("'%s' after %s in: %s", part, position, this)
        .isTrue();
  }

  synchronized int length() {
    return text.length();
  }

  /** Waits for the end of the output. */
  void awaitEnd() {
    assertThat(Await.within(Limits.SOON, reading::isDisposed)).as("ended: %s", this).isTrue();
  }

  @Override
  public synchronized String toString() {
    return text.toString();
  }

  @Override
  public void close() {
    reading.dispose();
  }
}
