/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * For the time after this JVM, and for processes that have lost their parents. {@link
 * io.reactorproc.guard.Guard} ends the children of a JVM that dies without a word; {@link
 * io.reactorproc.guard.Orphans} are reaped by a JVM that is pid 1 or a subreaper. Made of what
 * {@link io.reactorproc} has public, and nothing else: both listen to the lives of all children.
 *
 * <p>Threads: listeners are called on spawner threads and event loops. What the guard is told is
 * under the lock of {@code GuardLine}, held for one {@code write(2)} that never blocks. Orphans are
 * looked for by one worker of Reactor's bounded elastic scheduler; what that shares with the
 * listeners is in the concurrent sets of {@code OwnProcesses}.
 */
@NullMarked
package io.reactorproc.guard;

import org.jspecify.annotations.NullMarked;
