/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import java.nio.ByteBuffer;

/**
 * The seam to the operating system for files without a name that live in memory: {@code
 * memfd_create(2)}. Tests put one here that fails at a chosen step.
 *
 * <p>Every descriptor has {@code FD_CLOEXEC} from its first instant. {@link #write} copies, and
 * {@link #reopen} looks a path up: neither runs on an event loop.
 */
public interface MemoryFiles {
  /** Those of this machine. Loads the native libraries at the first call. */
  static MemoryFiles system() {
    return LinuxMemoryFiles.instance();
  }

  /**
   * {@code memfd_create(2)}: an empty file that can be sealed, and not executed where the kernel
   * knows how to say so (6.3).
   *
   * @return the descriptor number
   */
  int create(String purpose) throws SystemCallException;

  /** {@code write(2)}, until all that remains in the direct buffer is written. */
  void write(int fd, ByteBuffer direct, String purpose) throws SystemCallException;

  /**
   * {@code F_ADD_SEALS}: from now on nobody, this process included, can write to the file, make it
   * longer or shorter, or take the seals away.
   */
  void seal(int fd, String purpose) throws SystemCallException;

  /**
   * Opens the file anew and read-only, through {@code /proc/self/fd}. A copy of the descriptor
   * would share its offset with the other readers; this one begins at the first byte.
   *
   * @return the descriptor number
   */
  int reopen(int fd, String purpose) throws SystemCallException;
}
