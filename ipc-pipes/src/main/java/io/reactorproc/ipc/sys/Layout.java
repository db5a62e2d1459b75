/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * Constants and structure layouts of 64-bit Linux with glibc, for x86_64 and aarch64. Everything
 * that differs between the two is decided here and nowhere else.
 */
final class Layout {
  private static final boolean AARCH64 = "aarch64".equals(System.getProperty("os.arch"));

  /** System call numbers; those above 423 are the same on every architecture. */
  static final int SYS_WAITID = AARCH64 ? 95 : 247;

  /** Not the C library's {@code fstat}, which is no function of its own before glibc 2.33. */
  static final int SYS_FSTAT = AARCH64 ? 80 : 5;

  /** {@code struct stat}: what is used of it. */
  static final int STAT_SIZE = 144;

  static final int STAT_DEVICE = 0;
  static final int STAT_INODE = 8;
  static final int STAT_MODE = AARCH64 ? 16 : 24;

  static final int SYS_PIDFD_SEND_SIGNAL = 424;
  static final int SYS_PIDFD_OPEN = 434;
  static final int SYS_CLOSE_RANGE = 436;

  static final int F_GETFD = 1;
  static final int F_SETFD = 2;
  static final int F_GETFL = 3;
  static final int F_SETFL = 4;
  static final int F_DUPFD_CLOEXEC = 1030;
  static final int F_SETPIPE_SZ = 1031;
  static final int F_GETPIPE_SZ = 1032;
  static final int FD_CLOEXEC = 1;
  static final int FIONREAD = 0x541B;

  static final int SPLICE_F_NONBLOCK = 2;

  static final int MFD_CLOEXEC = 1;
  static final int MFD_ALLOW_SEALING = 2;
  static final int MFD_NOEXEC_SEAL = 8;
  static final int F_ADD_SEALS = 1033;
  static final int F_SEAL_SEAL = 1;
  static final int F_SEAL_SHRINK = 2;
  static final int F_SEAL_GROW = 4;
  static final int F_SEAL_WRITE = 8;

  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int O_PATH = 0x200000;
  static final int O_NOFOLLOW = AARCH64 ? 0x8000 : 0x20000;

  static final int X_OK = 1;

  static final int PR_SET_CHILD_SUBREAPER = 36;
  static final int PR_GET_CHILD_SUBREAPER = 37;

  /** The {@code idtype_t} values of waitid(2). */
  static final int P_ALL = 0;

  static final int P_PID = 1;

  static final int P_PIDFD = 3;

  static final int SPAWN_SETPGROUP = 0x02;
  static final int SPAWN_SETSIGDEF = 0x04;
  static final int SPAWN_SETSIGMASK = 0x08;
  static final int SPAWN_SETSID = 0x80;

  /** {@code sizeof(posix_spawnattr_t)} is 336 and of the file actions 80; rounded up. */
  static final int SPAWN_ATTRIBUTES_SIZE = 512;

  static final int SPAWN_ACTIONS_SIZE = 256;
  static final int SIGSET_SIZE = 128;

  static final int SIGINFO_SIZE = 128;
  static final int SIGINFO_CODE = 8;
  static final int SIGINFO_PID = 16;
  static final int SIGINFO_STATUS = 24;

  static final int RUSAGE_SIZE = 144;
  static final int RUSAGE_USER_SECONDS = 0;
  static final int RUSAGE_USER_MICROS = 8;
  static final int RUSAGE_SYSTEM_SECONDS = 16;
  static final int RUSAGE_SYSTEM_MICROS = 24;
  static final int RUSAGE_MAX_RSS_KIB = 32;
  static final int RUSAGE_MINOR_FAULTS = 64;
  static final int RUSAGE_MAJOR_FAULTS = 72;
  static final int RUSAGE_BLOCKS_IN = 88;
  static final int RUSAGE_BLOCKS_OUT = 96;
  static final int RUSAGE_VOLUNTARY_SWITCHES = 128;
  static final int RUSAGE_INVOLUNTARY_SWITCHES = 136;

  static final int AF_UNIX = 1;
  static final int SOCK_NONBLOCK = O_NONBLOCK;
  static final int SOCK_CLOEXEC = O_CLOEXEC;
  static final int SOL_SOCKET = 1;
  static final int SO_PEERCRED = 17;
  static final int SCM_RIGHTS = 1;
  static final int SCM_CREDENTIALS = 2;

  static final int MSG_CTRUNC = 0x8;
  static final int MSG_TRUNC = 0x20;
  static final int MSG_DONTWAIT = 0x40;
  static final int MSG_NOSIGNAL = 0x4000;
  static final int MSG_CMSG_CLOEXEC = 0x40000000;

  static final int LOCK_EX_NB = 2 | 4;

  /** {@code struct sockaddr_un}: the family in two bytes, then the name. */
  static final int SOCKADDR_SIZE = 110;

  static final int SOCKADDR_NAME = 2;
  static final int SOCKADDR_MOST_NAME = 108;

  /** {@code struct msghdr}. */
  static final int MSGHDR_SIZE = 56;

  static final int MSGHDR_NAME = 0;
  static final int MSGHDR_NAME_LENGTH = 8;
  static final int MSGHDR_VECTORS = 16;
  static final int MSGHDR_VECTOR_COUNT = 24;
  static final int MSGHDR_CONTROL = 32;
  static final int MSGHDR_CONTROL_LENGTH = 40;
  static final int MSGHDR_FLAGS = 48;

  /** {@code struct cmsghdr}: length, level and type, then the data; the next one is aligned. */
  static final int CMSGHDR_SIZE = 16;

  static final int CMSGHDR_LEVEL = 8;
  static final int CMSGHDR_TYPE = 12;

  /** {@code struct ucred}: pid, uid, gid. */
  static final int UCRED_SIZE = 12;

  private Layout() {}

  static boolean isSupportedArchitecture() {
    String arch = System.getProperty("os.arch", "");
    return AARCH64 || "amd64".equals(arch) || "x86_64".equals(arch);
  }
}
