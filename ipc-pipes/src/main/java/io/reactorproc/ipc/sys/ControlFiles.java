/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * The seam to files by which the kernel tells what changes, such as {@code cgroup.events}: opened
 * once, read again and again from the start. They are in memory, so that reading never blocks.
 */
public interface ControlFiles {
  /** Those of this machine. Loads the native libraries at the first call. */
  static ControlFiles system() {
    Native.require();
    return LinuxControlFiles.INSTANCE;
  }

  /**
   * {@code pread(2)} from offset 0; what does not fit is left out.
   *
   * @param most the bytes that are wanted, at most 4096
   * @return the text, of one byte for each char
   */
  String read(int fd, int most) throws SystemCallException;
}
