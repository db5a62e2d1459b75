/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * The signals sent to this JVM as Reactor streams.
 *
 * <p>{@link io.reactorproc.signals.Signals} is the way in, {@link io.reactorproc.signals.Signal}
 * the value that names a signal, {@link io.reactorproc.signals.SignalEvent} one arrival of it.
 *
 * <h2>The way of one signal</h2>
 *
 * <ol>
 *   <li>The kernel interrupts some thread of the JVM; HotSpot's C handler counts the signal and
 *       wakes its own dispatcher thread.
 *   <li>The dispatcher starts a fresh thread for this one delivery, which calls the handler of
 *       {@code HandlerSource}. That thread takes the time, puts an event into the inbox of every
 *       subscription, and ends. It never runs a subscriber's code, unless the caller chose {@code
 *       Schedulers.immediate()}.
 *   <li>Each inbox empties itself by its subscriber's demand, on the scheduler of that
 *       subscription.
 * </ol>
 *
 * <h2>Which thread owns what</h2>
 *
 * <table>
 *   <caption>Fields that more than one thread touches</caption>
 *   <tr><th>field</th><th>written by</th><th>read by</th></tr>
 *   <tr>
 *     <td>{@code SignalLine.inboxes}</td>
 *     <td>subscribing and cancelling threads, under the line's monitor</td>
 *     <td>delivery threads, without a lock (copy on write)</td>
 *   </tr>
 *   <tr>
 *     <td>{@code SignalLine.installed}</td>
 *     <td>subscribing and cancelling threads, under the line's monitor</td>
 *     <td>the same</td>
 *   </tr>
 *   <tr>
 *     <td>{@code SignalInbox.missed} and its sink</td>
 *     <td>delivery threads, under the inbox's monitor</td>
 *     <td>the same; the sink's queue is polled by the scheduler's thread</td>
 *   </tr>
 * </table>
 *
 * <p>There is one line for each signal number, so installing and restoring is serialised for each
 * signal and never between signals: no thread holds two lines. Nothing that runs under a line's
 * monitor takes an inbox or calls a subscriber. The other nesting exists: a subscriber on {@code
 * Schedulers.immediate()} runs under its inbox's monitor and may cancel there.
 *
 * <p>A subscription delivers on {@code reactor-proc-signals}, one daemon thread for the whole JVM
 * that starts with the first subscription and stays, or on the scheduler given to {@link
 * io.reactorproc.signals.Signals#on(reactor.core.scheduler.Scheduler,
 * io.reactorproc.signals.Signal, io.reactorproc.signals.Signal...)}.
 */
@NullMarked
package io.reactorproc.signals;

import org.jspecify.annotations.NullMarked;
