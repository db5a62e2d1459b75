/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * Control groups, version 2: a directory of its own for each child or pipeline, by which all that
 * it starts is known, ended and frozen, whatever it does to its process group. What is here knows
 * nothing of commands; {@link io.reactorproc.Command#cgroup} is where children come in.
 *
 * <p>Threads: the values may be used from any thread. What touches the file system may wait for the
 * kernel's lock on the hierarchy and is done off the event loops; only {@link
 * io.reactorproc.cgroup.CgroupEvents} lives on a loop, and reads a file that never blocks.
 */
@NullMarked
package io.reactorproc.cgroup;

import org.jspecify.annotations.NullMarked;
