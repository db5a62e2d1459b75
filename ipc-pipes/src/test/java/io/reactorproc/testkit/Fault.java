/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

/** What {@link LeakExtension} holds against a test, unless the test {@link Tolerates} it. */
public enum Fault {
  /** A descriptor more than before, or one of before that is closed or another file now. */
  DESCRIPTOR,
  /** A child more than before, be it alive or a zombie. */
  CHILD,
  /** A thread more than before that is none of {@link JvmThreads}. */
  THREAD,
  /** A buffer of Netty's pool more than before, or one that was collected before its release. */
  BUFFER,
  /** A blocking call on a thread that must not block; it failed with an error there. */
  BLOCKING_CALL
}
