/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

/**
 * What a {@link RunningService} has received, up to one moment.
 *
 * @param accepted messages of senders that may send
 * @param foreign messages of others, which were ignored
 * @param malformed messages, or lines of them, that could not be read; what else was in the message
 *     counts nevertheless
 * @param oversize messages of more than 4096 bytes, which were ignored
 * @param descriptors that came with messages of any kind and were closed
 * @param dropped messages that a subscriber of {@link RunningService#notifications()} was too slow
 *     for
 */
public record NotifyCounters(
    long accepted, long foreign, long malformed, long oversize, long descriptors, long dropped) {}
