/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * The C library functions this project calls, bound by jnr-ffi. Addresses and C {@code long}s are
 * Java {@code long}s, so that no call allocates. Only this package uses it; it is public because
 * the generated binding must be able to implement it.
 *
 * <p>No function here may have exactly six integer parameters: the x86_64 stubs of jnr-ffi (2.3.4)
 * take the sixth from the wrong place of the stack. A seventh, which the callee does not look at,
 * sends the call another way.
 */
public interface Libc {
  int pipe2(long twoInts, int flags);

  int open(long path, int flags, int mode);

  int close(int fd);

  int fcntl(int fd, int command, long argument);

  int ioctl(int fd, long request, long argument);

  int access(long path, int mode);

  int mkfifo(long path, int mode);

  int chmod(long path, int mode);

  int unlink(long path);

  long write(int fd, long bytes, long length);

  int memfd_create(long name, int flags);

  long tee(int from, int to, long length, int flags);

  long splice(
      int from, long fromOffset, int to, long toOffset, long length, int flags, long unused);

  long syscall(long number, long a, long b, long c, long d, long e, long f);

  int posix_spawn(
      long pid, long path, long actions, long attributes, long argv, long envp, long unused);

  int posix_spawnattr_init(long attributes);

  int posix_spawnattr_setflags(long attributes, short flags);

  int posix_spawnattr_setpgroup(long attributes, int group);

  int posix_spawnattr_setsigmask(long attributes, long set);

  int posix_spawnattr_setsigdefault(long attributes, long set);

  int posix_spawn_file_actions_init(long actions);

  int posix_spawn_file_actions_destroy(long actions);

  int posix_spawn_file_actions_adddup2(long actions, int from, int to);

  int posix_spawn_file_actions_addclose(long actions, int fd);

  int posix_spawn_file_actions_addchdir_np(long actions, long path);

  int posix_spawn_file_actions_addclosefrom_np(long actions, int from);

  int posix_spawn_file_actions_addtcsetpgrp_np(long actions, int fd);

  int posix_spawn_file_actions_addopen(long actions, int fd, long path, int flags, int mode);

  int sigemptyset(long set);

  int prctl(int option, long a, long b, long c, long d);

  long pread(int fd, long buffer, long length, long offset);

  int pthread_sigmask(int how, long set, long before);

  int signalfd(int fd, long set, int flags);

  int socket(int domain, int type, int protocol);

  int socketpair(int domain, int type, int protocol, long twoInts);

  int bind(int fd, long address, int length);

  int listen(int fd, int backlog);

  int accept4(int fd, long address, long length, int flags);

  int connect(int fd, long address, int length);

  int shutdown(int fd, int how);

  int getsockopt(int fd, int level, int option, long value, long length);

  int setsockopt(int fd, int level, int option, long value, int length);

  int getsockname(int fd, long address, long length);

  int getpeername(int fd, long address, long length);

  long sendmsg(int fd, long message, int flags);

  long recvmsg(int fd, long message, int flags);

  int fchmod(int fd, int mode);

  int flock(int fd, int operation);

  int posix_openpt(int flags);

  int grantpt(int master);

  int unlockpt(int master);

  int ptsname_r(int master, long name, long size);

  int tcgetattr(int fd, long attributes);

  int tcsetattr(int fd, int when, long attributes);

  int tcflush(int fd, int queue);

  int poll(long descriptors, long count, int timeout);

  long gnu_get_libc_version();
}
