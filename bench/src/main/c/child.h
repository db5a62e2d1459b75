/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/* Children by posix_spawn and pidfd, and the little that all workloads share. */
#ifndef REFERENCE_CHILD_H
#define REFERENCE_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#define CHUNK (64 * 1024)
#define GIB (1024.0 * 1024.0 * 1024.0)

/* Which of the child's descriptors are pipes of ours; the others are /dev/null. */
enum { PIPE_IN = 1, PIPE_OUT = 2, PIPE_ERR = 4 };

struct child {
  pid_t pid;
  int pidfd;
  int in;  /* we write, or -1 */
  int out; /* we read, or -1 */
  int err; /* we read, or -1 */
};

/* Ends the program with a message that the driver shows. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

int64_t now_nanos(void);
/* User and system time of this process, without its children. */
int64_t cpu_nanos(void);

void child_setup(void);
/* Our ends are non-blocking; pipe_size 0 leaves the kernel's. */
void child_start(struct child *child, char *const argv[], int pipes, int pipe_size);
/* The same in parts, for children that share pipes: what each descriptor is to be stays the caller's to close. */
void child_spawn(struct child *child, char *const argv[], const int from[3]);
int child_null_device(void);
/* A pipe that we read through child->out; answers the end for the child. */
int child_output_pipe(struct child *child);
/* A pipe between two children. */
void child_join_pipe(int *read_end, int *write_end);
/* Reaps a child whose pidfd is readable, and closes the pidfd; answers its wait status. */
int child_reap(struct child *child);
void close_end(int *fd);

void watch(int epoll, int fd, uint32_t events, uint64_t data);

#endif
