/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/**
 * What can be run, by itself or as a part of something larger: an immutable value. A {@link
 * Command} is one child, a {@link Pipeline} several that are joined.
 */
public sealed interface Job permits Command, Pipeline {}
