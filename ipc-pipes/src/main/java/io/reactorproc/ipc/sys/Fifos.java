/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * The seam to the operating system for named pipes. Paths end with a NUL. All of it looks up paths,
 * so none of it may run on an event loop.
 */
public interface Fifos {
  /** The calls of this machine. Loads the native libraries at the first call. */
  static Fifos system() {
    return LinuxFifos.instance();
  }

  /** {@code mkfifo(3)}: the umask takes bits from the mode. */
  void make(byte[] pathWithNul, int mode) throws SystemCallException;

  /**
   * Opens with {@code O_NONBLOCK}, {@code O_NOFOLLOW}, {@code O_NOCTTY} and {@code O_CLOEXEC}.
   *
   * @return the descriptor number
   */
  int open(byte[] pathWithNul, Access access) throws SystemCallException;

  /** {@code fstat(2)}: what the descriptor refers to. */
  FileStatus status(int fd) throws SystemCallException;

  /** Sets the mode of what a descriptor of {@link Access#NONE} refers to, whatever its path is. */
  void setMode(int fd, int mode) throws SystemCallException;

  /** {@code unlink(2)}. */
  void remove(byte[] pathWithNul) throws SystemCallException;

  /** What a descriptor is for. */
  enum Access {
    /** To look at the file only ({@code O_PATH}): nothing is opened, no permission is needed. */
    NONE,
    /** To read. */
    READ,
    /** To write: {@code ENXIO} while nobody reads. */
    WRITE,
    /** Both, so that there always is a writer. */
    READ_WRITE
  }

  /**
   * What {@code fstat} tells.
   *
   * @param device where the file is
   * @param inode which one it is there
   * @param mode type and permissions
   */
  record FileStatus(long device, long inode, int mode) {
    private static final int TYPE = 0xF000;
    private static final int FIFO = 0x1000;
    private static final int LINK = 0xA000;
    private static final int PERMISSIONS = 0xFFF;

    /** Whether it is a named pipe. */
    public boolean isFifo() {
      return (mode & TYPE) == FIFO;
    }

    /** Whether it is a symbolic link. */
    public boolean isLink() {
      return (mode & TYPE) == LINK;
    }

    /** The twelve bits of permissions. */
    public int permissions() {
      return mode & PERMISSIONS;
    }

    /** Whether both are the same file. */
    public boolean isSameAs(FileStatus other) {
      return device == other.device && inode == other.inode;
    }
  }
}
