/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SystemCallException;
import org.jspecify.annotations.Nullable;

/**
 * The start of one member of a run: {@link #prepare} opens all it needs, {@link #spawn} starts it,
 * {@link #close} lets go of whatever was not handed over, at whichever step the start failed. On a
 * spawner thread; may block.
 */
interface MemberStart extends AutoCloseable {
  /**
   * Begins a start.
   *
   * @param fromBefore the end that this member reads of the pipe from the stage before, if there is
   *     one; it is the start's from now on
   * @param memory the inputs of the whole launch that are kept in memory
   */
  static MemberStart of(Part part, @Nullable Descriptor fromBefore, MemoryInputs memory) {
    return part.planned() instanceof PlannedJob nested
        ? new NestedStart(part, nested.job(), fromBefore)
        : new ChildStart(part, fromBefore, memory);
  }

  /** Finds the program and opens every descriptor. */
  void prepare() throws SystemCallException, ProcessStartException;

  /** The end that the next stage reads; it is the caller's then. Null where there is none. */
  @Nullable Descriptor takeToNext();

  /**
   * Starts it. May be tried again where {@link #mayPass} says so.
   *
   * @param leader the pid of the child whose process group it joins, 0 where it leads its own
   */
  Member spawn(SpawnArena arena, int leader) throws SystemCallException;

  /** Whether a failure may be over soon. */
  boolean mayPass(SystemCallException failure);

  /** The failure, in words. */
  ProcessStartException explain(SystemCallException failure);

  @Override
  void close();
}
