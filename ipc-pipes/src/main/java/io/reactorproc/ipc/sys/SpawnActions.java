/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import java.util.Arrays;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * What a child does with its descriptors and its directory before the exec: a {@code
 * posix_spawn_file_actions_t}. It is kept for the next child, which often wants the same, as
 * numbers are used again: making it anew costs seven calls of {@code prlimit(2)} for the usual
 * three descriptors, because glibc compares each with the limit. Of one spawner thread.
 */
final class SpawnActions {
  private final Libc libc;
  private final Pointer actions =
      Memory.allocateDirect(Native.runtime(), Layout.SPAWN_ACTIONS_SIZE, true);
  private boolean made;
  private int[] from = {};
  private int[] to = {};
  private byte @Nullable [] directory;
  private int foreground = -1;
  private byte @Nullable [] terminal;

  SpawnActions(Libc libc) {
    this.libc = libc;
  }

  /**
   * The address of the actions for this child.
   *
   * @param directoryAddress its directory as a C string, if it has one
   * @param terminalAddress its terminal as a C string, if it has one
   */
  long prepare(Kernel kernel, SpawnRequest request, long directoryAddress, long terminalAddress)
      throws SystemCallException {
    if (!isFor(request)) {
      forget();
      check(libc.posix_spawn_file_actions_init(actions.address()));
      made = true;
      try {
        addTerminal(request, terminalAddress);
        add(kernel, request, directoryAddress);
      } catch (SystemCallException | RuntimeException | Error e) {
        forget();
        throw e;
      }
      from = request.from;
      to = request.to;
      directory = request.directory;
      terminal = request.terminal;
      foreground = request.foreground;
    }
    return actions.address();
  }

  private boolean isFor(SpawnRequest request) {
    // Without closefrom the closes are a list of what is open now.
    return made
        && Capabilities.get().closeFrom()
        && foreground == request.foreground
        && Arrays.equals(from, request.from)
        && Arrays.equals(to, request.to)
        && Arrays.equals(directory, request.directory)
        && Arrays.equals(terminal, request.terminal);
  }

  private void forget() {
    if (made) {
      made = false;
      libc.posix_spawn_file_actions_destroy(actions.address());
    }
  }

  /**
   * Opened by the child: setsid(2) comes before all actions, and the open after it takes effect.
   */
  private void addTerminal(SpawnRequest request, long address) throws SystemCallException {
    if (request.terminal != null) {
      check(
          libc.posix_spawn_file_actions_addopen(
              actions.address(), 0, address, LinuxTerminals.O_RDWR, 0));
    }
  }

  /** Ends with the closes: the child may need any descriptor before, and begins with ours. */
  private void add(Kernel kernel, SpawnRequest request, long directoryAddress)
      throws SystemCallException {
    if (request.foreground >= 0) {
      // All signals are blocked then, SIGTTOU among them, which the change would raise.
      check(libc.posix_spawn_file_actions_addtcsetpgrp_np(actions.address(), request.foreground));
    }
    for (int i = 0; i < request.from.length; i++) {
      check(
          libc.posix_spawn_file_actions_adddup2(actions.address(), request.from[i], request.to[i]));
    }
    if (request.directory != null) {
      check(libc.posix_spawn_file_actions_addchdir_np(actions.address(), directoryAddress));
    }
    addCloses(kernel, request.to);
  }

  /**
   * The child keeps 0, 1, 2 and the declared numbers, nothing else: the JDK's and other libraries'
   * descriptors are inheritable, and a pipe end that leaks into a child delays somebody's end of
   * file for as long as that child lives.
   */
  private void addCloses(Kernel kernel, int[] declaredNumbers) throws SystemCallException {
    int next = 3;
    for (int declared : declaredNumbers) {
      for (; next < declared; next++) {
        addClose(next);
      }
      next = Math.max(next, declared + 1);
    }
    if (Capabilities.get().closeFrom()) {
      check(libc.posix_spawn_file_actions_addclosefrom_np(actions.address(), next));
    } else {
      for (int fd : InheritableDescriptors.from(kernel, next)) {
        addClose(fd);
      }
    }
  }

  /** The posix_spawn family returns its error number instead of setting errno. */
  static void check(int error) throws SystemCallException {
    if (error != 0) {
      throw new SystemCallException("posix_spawn", error, "start the child");
    }
  }

  private void addClose(int fd) throws SystemCallException {
    check(libc.posix_spawn_file_actions_addclose(actions.address(), fd));
  }
}
