/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/**
 * What can be run, by itself or as a part of something larger: an immutable value. A {@link
 * Command} is one child.
 */
public sealed interface Job permits Command {}
