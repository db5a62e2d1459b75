/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Child's ends are moved up to here, so that no dup2 in the child overwrites one that is still needed. */
#define FIRST_END 10

extern char **environ;

static posix_spawnattr_t attributes;
static int null_device;

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printf("failure ");
  vprintf(format, arguments);
  printf("\n");
  va_end(arguments);
  fflush(stdout);
  exit(1);
}

static int64_t nanos_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int64_t now_nanos(void) { return nanos_of(CLOCK_MONOTONIC); }

int64_t cpu_nanos(void) { return nanos_of(CLOCK_PROCESS_CPUTIME_ID); }

void child_setup(void) {
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  sigset_t all;
  sigset_t none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  int opened = open("/dev/null", O_RDWR | O_CLOEXEC);
  null_device = fcntl(opened, F_DUPFD_CLOEXEC, FIRST_END);
  close(opened);
}

int child_null_device(void) { return null_device; }

static int raised(int fd) {
  if (fd >= FIRST_END) return fd;
  int higher = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_END);
  close(fd);
  return higher;
}

/* ours is 0 where we read and 1 where we write; answers the child's end. */
static int open_pipe(int *our_end, int ours, int size) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe2: %s", strerror(errno));
  *our_end = ends[ours];
  fcntl(*our_end, F_SETFL, O_NONBLOCK | (ours ? O_WRONLY : O_RDONLY));
  if (size > 0) fcntl(*our_end, F_SETPIPE_SZ, size);
  return raised(ends[1 - ours]);
}

void child_start(struct child *child, char *const argv[], int pipes, int pipe_size) {
  child->in = child->out = child->err = -1;
  int from[3] = {null_device, null_device, null_device};
  if (pipes & PIPE_IN) from[0] = open_pipe(&child->in, 1, pipe_size);
  if (pipes & PIPE_OUT) from[1] = open_pipe(&child->out, 0, pipe_size);
  if (pipes & PIPE_ERR) from[2] = open_pipe(&child->err, 0, pipe_size);
  child_spawn(child, argv, from);
  for (int i = 0; i < 3; i++) {
    if (from[i] != null_device) close(from[i]);
  }
}

int child_output_pipe(struct child *child) { return open_pipe(&child->out, 0, 0); }

void child_join_pipe(int *read_end, int *write_end) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe2: %s", strerror(errno));
  *read_end = raised(ends[0]);
  *write_end = raised(ends[1]);
}

void child_spawn(struct child *child, char *const argv[], const int from[3]) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < 3; i++) posix_spawn_file_actions_adddup2(&actions, from[i], i);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  int error = posix_spawn(&child->pid, argv[0], &actions, &attributes, argv, environ);
  if (error != 0) fail("posix_spawn of %s: %s", argv[0], strerror(error));
  posix_spawn_file_actions_destroy(&actions);
  child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
  if (child->pidfd < 0) fail("pidfd_open: %s", strerror(errno));
}

int child_reap(struct child *child) {
  int status;
  struct rusage usage;
  if (wait4(child->pid, &status, WNOHANG, &usage) != child->pid) fail("a child was not to be reaped");
  close_end(&child->pidfd);
  return status;
}

void close_end(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

void watch(int epoll, int fd, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}
