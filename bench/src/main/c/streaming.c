/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/* The workloads that move bytes. */
#define _GNU_SOURCE
#include "child.h"
#include "workloads.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

static char chunk[CHUNK];

struct stream {
  struct child child;
  int epoll;
  int64_t start;
  int64_t cpu;
};

static void open_stream(struct stream *stream, const struct plan *plan, int pipes) {
  stream->epoll = epoll_create1(EPOLL_CLOEXEC);
  stream->start = now_nanos();
  stream->cpu = cpu_nanos();
  child_start(&stream->child, plan->argv, pipes, plan->pipe_size);
  watch(stream->epoll, stream->child.out, EPOLLIN | EPOLLET, 0);
  if (stream->child.in >= 0) watch(stream->epoll, stream->child.in, EPOLLOUT | EPOLLET, 0);
}

static void await_event(const struct stream *stream) {
  struct epoll_event events[4];
  if (epoll_wait(stream->epoll, events, 4, -1) < 0) fail("epoll_wait: %s", strerror(errno));
}

/* The child has closed its output; its exit follows. */
static double close_stream(struct stream *stream, double *cpu_millis) {
  siginfo_t info;
  if (waitid(P_PIDFD, (id_t)stream->child.pidfd, &info, WEXITED | WNOWAIT) != 0) fail("waitid");
  int status = child_reap(&stream->child);
  if (status != 0) fail("a child ended with wait status %d", status);
  double seconds = (double)(now_nanos() - stream->start) / 1e9;
  *cpu_millis = (double)(cpu_nanos() - stream->cpu) / 1e6;
  close_end(&stream->child.out);
  close_end(&stream->epoll);
  return seconds;
}

/* Bytes read, 0 at the end, -1 when there is nothing yet. */
static ssize_t read_chunk(const struct stream *stream) {
  ssize_t got = read(stream->child.out, chunk, sizeof chunk);
  if (got < 0 && errno != EAGAIN) fail("read: %s", strerror(errno));
  return got;
}

static void print_throughput(struct stream *stream, int64_t bytes, int64_t expected) {
  double cpu_millis;
  double seconds = close_stream(stream, &cpu_millis);
  if (bytes != expected) fail("%" PRId64 " bytes came, not %" PRId64, bytes, expected);
  double gib = (double)bytes / GIB;
  printf("result throughput=%.4f cpu=%.3f\n", gib / seconds, cpu_millis / gib);
}

void output_round(const struct plan *plan) {
  struct stream stream;
  int64_t total = 0;
  open_stream(&stream, plan, PIPE_OUT);
  for (;;) {
    ssize_t got = read_chunk(&stream);
    if (got == 0) break;
    if (got < 0) {
      await_event(&stream);
    } else {
      total += got;
    }
  }
  print_throughput(&stream, total, plan->amount);
}

/* The byte at each position of the stream: a loss or a swap of pieces moves what follows. */
static char pattern(int64_t position) { return (char)((position % CHUNK) * 31 + (position % CHUNK) / 251); }

static char source[CHUNK];

/* Answers whether anything was written. */
static int feed(struct stream *stream, int64_t *written, int64_t amount) {
  int progress = 0;
  while (stream->child.in >= 0) {
    if (*written == amount) {
      close_end(&stream->child.in);
      break;
    }
    size_t offset = (size_t)(*written % CHUNK);
    size_t length = CHUNK - offset;
    if ((int64_t)length > amount - *written) length = (size_t)(amount - *written);
    ssize_t put = write(stream->child.in, source + offset, length);
    if (put < 0 && errno == EAGAIN) break;
    if (put < 0) fail("write: %s", strerror(errno));
    *written += put;
    progress = 1;
  }
  return progress;
}

void echo_round(const struct plan *plan) {
  struct stream stream;
  int64_t written = 0;
  int64_t total = 0;
  for (int i = 0; i < CHUNK; i++) source[i] = pattern(i);
  open_stream(&stream, plan, PIPE_IN | PIPE_OUT);
  for (;;) {
    int progress = feed(&stream, &written, plan->amount);
    ssize_t got = read_chunk(&stream);
    if (got == 0) break;
    if (got > 0) {
      if (chunk[0] != pattern(total) || chunk[got - 1] != pattern(total + got - 1)) {
        fail("wrong bytes at position %" PRId64, total);
      }
      total += got;
    } else if (!progress) {
      await_event(&stream);
    }
  }
  print_throughput(&stream, total, plan->amount);
}

void lines_round(const struct plan *plan) {
  struct stream stream;
  int64_t lines = 0;
  int64_t bytes = 0;
  open_stream(&stream, plan, PIPE_OUT);
  for (;;) {
    ssize_t got = read_chunk(&stream);
    if (got == 0) break;
    if (got < 0) {
      await_event(&stream);
      continue;
    }
    const char *at = chunk;
    const char *end = chunk + got;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
      lines++;
      at++;
    }
    bytes += got;
  }
  double cpu_millis;
  double seconds = close_stream(&stream, &cpu_millis);
  int64_t digits = 0;
  for (int64_t first = 1; first <= plan->amount; first *= 10) digits += plan->amount - first + 1;
  if (lines != plan->amount || bytes != digits + lines) {
    fail("%" PRId64 " lines in %" PRId64 " bytes", lines, bytes);
  }
  printf("result rate=%.4f cpu=%.3f\n", (double)lines / seconds / 1e6,
         cpu_millis / ((double)lines / 1e6));
}
