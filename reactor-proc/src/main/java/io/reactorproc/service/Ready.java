/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import java.time.Duration;

/**
 * A service has said that it is ready.
 *
 * @param message the one that said so, with its {@code STATUS=} and whatever else was in it
 * @param after the time since the child was started
 */
public record Ready(Notification message, Duration after) {}
