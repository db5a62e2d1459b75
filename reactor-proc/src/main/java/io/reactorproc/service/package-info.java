/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * The protocols between a service and its manager, on both sides: readiness, states and watchdog of
 * sd_notify(3), and the listening sockets of sd_listen_fds(3). Made of what {@link io.reactorproc}
 * has public; no part of systemd is needed.
 *
 * <p>{@link io.reactorproc.service.Service} runs a command that speaks the first protocol, and
 * {@link io.reactorproc.service.SocketActivation} gives sockets to one; {@link
 * io.reactorproc.service.Notify} and {@link io.reactorproc.service.ListenFds} are for a JVM that is
 * such a service itself.
 *
 * <p>Threads: the notify socket of a service and all that is made of its messages live on one event
 * loop. Sending, and a look into {@code /proc} for the ancestors of a sender, are done on Reactor's
 * bounded elastic scheduler.
 */
@NullMarked
package io.reactorproc.service;

import org.jspecify.annotations.NullMarked;
