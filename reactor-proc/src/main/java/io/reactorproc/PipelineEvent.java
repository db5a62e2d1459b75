/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/**
 * Something in the life of one stage of a {@link Pipeline}.
 *
 * @param stage where it stands, counted from 0 and with the stages in Java
 * @param event what happened; output is that of the last stage's stdout and of every stderr
 */
public record PipelineEvent(int stage, ProcessEvent event) {}
