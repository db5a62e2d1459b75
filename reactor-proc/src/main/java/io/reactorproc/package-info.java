/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/** Child processes as streams: commands, running children, pipelines and their supervision. */
@NullMarked
package io.reactorproc;

import org.jspecify.annotations.NullMarked;
