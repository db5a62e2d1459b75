/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * The one native boundary: owned descriptors, the system calls of this project behind the {@link
 * io.reactorproc.ipc.sys.Kernel} and {@link io.reactorproc.ipc.sys.Sockets} seams, their errors,
 * and what the machine can do.
 *
 * <p>{@link io.reactorproc.ipc.sys.Descriptor}, {@link io.reactorproc.ipc.sys.SystemCallException},
 * {@link io.reactorproc.ipc.sys.TerminalSize} and {@link io.reactorproc.ipc.sys.Capabilities} are
 * meant for users; the rest serves this project's own modules and may change in any release.
 */
@NullMarked
package io.reactorproc.ipc.sys;

import org.jspecify.annotations.NullMarked;
