/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/* The workloads that start children for their own sake. */
#define _GNU_SOURCE
#include "child.h"
#include "workloads.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_IN_FLIGHT 256
#define MOST_EVENTS 64
#define CAPTURE 256

enum source { EXIT, OUT };

struct slot {
  struct child child;
  size_t length;
  char captured[CAPTURE];
};

static struct slot slots[MOST_IN_FLIGHT];

static void start_slot(const struct plan *plan, int epoll, int index) {
  struct slot *slot = &slots[index];
  slot->length = 0;
  child_start(&slot->child, plan->argv, plan->expect == NULL ? 0 : PIPE_OUT, 0);
  watch(epoll, slot->child.pidfd, EPOLLIN, (uint64_t)index << 1 | EXIT);
  if (slot->child.out >= 0) watch(epoll, slot->child.out, EPOLLIN, (uint64_t)index << 1 | OUT);
}

static void drain(struct slot *slot) {
  for (;;) {
    ssize_t got = read(slot->child.out, slot->captured + slot->length, CAPTURE - slot->length);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) break;
    slot->length += (size_t)got;
  }
  close_end(&slot->child.out);
}

static void check(const struct plan *plan, const struct slot *slot, int status) {
  if (status != 0) fail("%s ended with wait status %d", plan->argv[0], status);
  if (plan->expect == NULL) return;
  size_t length = strlen(plan->expect);
  if (slot->length != length + 1 || memcmp(slot->captured, plan->expect, length) != 0) {
    fail("%s wrote %zu bytes, not '%s'", plan->argv[0], slot->length, plan->expect);
  }
}

void spawn_round(const struct plan *plan) {
  if (plan->in_flight > MOST_IN_FLIGHT) fail("too many at a time");
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  int64_t start = now_nanos();
  int64_t cpu = cpu_nanos();
  int64_t finished = 0;
  int live = plan->in_flight;
  int statuses[MOST_IN_FLIGHT];
  for (int i = 0; i < live; i++) start_slot(plan, epoll, i);
  while (live > 0) {
    struct epoll_event events[MOST_EVENTS];
    int ready = epoll_wait(epoll, events, MOST_EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      int index = (int)(events[i].data.u64 >> 1);
      struct slot *slot = &slots[index];
      if ((events[i].data.u64 & 1) == EXIT) {
        statuses[index] = child_reap(&slot->child);
      } else {
        drain(slot);
      }
      if (slot->child.pidfd >= 0 || slot->child.out >= 0) continue;
      check(plan, slot, statuses[index]);
      finished++;
      if (now_nanos() - start < plan->nanos) {
        start_slot(plan, epoll, index);
      } else {
        live--;
      }
    }
  }
  double seconds = (double)(now_nanos() - start) / 1e9;
  double cpu_micros = (double)(cpu_nanos() - cpu) / 1e3;
  close(epoll);
  printf("result rate=%.3f cpu=%.3f\n", (double)finished / seconds, cpu_micros / (double)finished);
}

static int64_t resident_bytes(void) {
  long pages = 0;
  FILE *statm = fopen("/proc/self/statm", "r");
  if (statm == NULL || fscanf(statm, "%*s %ld", &pages) != 1) fail("cannot read /proc/self/statm");
  fclose(statm);
  return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

void crowd_round(const struct plan *plan) {
  int count = (int)plan->amount;
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  int64_t resident = resident_bytes();
  struct child *children = calloc((size_t)count, sizeof *children);
  int64_t start = now_nanos();
  for (int i = 0; i < count; i++) {
    child_start(&children[i], plan->argv, PIPE_OUT | PIPE_ERR, 0);
    watch(epoll, children[i].pidfd, EPOLLIN, (uint64_t)i << 1 | EXIT);
    watch(epoll, children[i].out, EPOLLIN | EPOLLET, (uint64_t)i << 1 | OUT);
    watch(epoll, children[i].err, EPOLLIN | EPOLLET, (uint64_t)i << 1 | OUT);
  }
  double start_millis = (double)(now_nanos() - start) / 1e6 / count;
  double kib = (double)(resident_bytes() - resident) / 1024 / count;
  int64_t killed = now_nanos();
  for (int i = 0; i < count; i++) {
    if (syscall(SYS_pidfd_send_signal, children[i].pidfd, SIGKILL, NULL, 0) != 0) {
      fail("pidfd_send_signal: %s", strerror(errno));
    }
  }
  for (int left = count; left > 0;) {
    struct epoll_event events[MOST_EVENTS];
    int ready = epoll_wait(epoll, events, MOST_EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      struct child *child = &children[events[i].data.u64 >> 1];
      if ((events[i].data.u64 & 1) == EXIT) {
        int status = child_reap(child);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) fail("not by SIGKILL: %d", status);
        close_end(&child->out);
        close_end(&child->err);
        left--;
      }
    }
  }
  double kill_millis = (double)(now_nanos() - killed) / 1e6;
  free(children);
  close(epoll);
  printf("result start=%.4f kill=%.3f threads=1 rss=%.3f\n", start_millis, kill_millis, kib);
}

static int ascending(const void *a, const void *b) {
  int64_t left = *(const int64_t *)a;
  int64_t right = *(const int64_t *)b;
  return (left > right) - (left < right);
}

static double micros_at(const int64_t *sorted, int64_t count, double fraction) {
  int64_t rank = (int64_t)(fraction * (double)count + 0.9999999) - 1;
  return (double)sorted[rank < 0 ? 0 : rank] / 1e3;
}

static void print_latencies(int64_t *nanos, int64_t count) {
  qsort(nanos, (size_t)count, sizeof *nanos, ascending);
  printf("result p50=%.3f p99=%.3f p999=%.3f\n", micros_at(nanos, count, 0.5),
         micros_at(nanos, count, 0.99), micros_at(nanos, count, 0.999));
}

void exit_round(const struct plan *plan) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  int64_t *nanos = calloc((size_t)plan->amount, sizeof *nanos);
  for (int64_t i = 0; i < plan->amount; i++) {
    struct child child;
    int64_t stamp = 0;
    int status = -1;
    child_start(&child, plan->argv, PIPE_OUT, 0);
    watch(epoll, child.pidfd, EPOLLIN, EXIT);
    watch(epoll, child.out, EPOLLIN, OUT);
    while (child.pidfd >= 0 || child.out >= 0) {
      struct epoll_event events[2];
      int ready = epoll_wait(epoll, events, 2, -1);
      for (int event = 0; event < ready; event++) {
        if (events[event].data.u64 == EXIT) {
          status = child_reap(&child);
        } else {
          int64_t written;
          ssize_t got = read(child.out, &written, sizeof written);
          if (got == sizeof written) stamp = written;
          if (got == 0) close_end(&child.out);
        }
      }
    }
    nanos[i] = now_nanos() - stamp;
    if (status != 0 || stamp == 0 || nanos[i] < 0) {
      fail("status %d, time stamp %" PRId64, status, stamp);
    }
  }
  print_latencies(nanos, plan->amount);
  free(nanos);
  close(epoll);
}

void round_trip_round(const struct plan *plan) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  int64_t *nanos = calloc((size_t)plan->amount, sizeof *nanos);
  struct child child;
  child_start(&child, plan->argv, PIPE_IN | PIPE_OUT, 0);
  watch(epoll, child.out, EPOLLIN | EPOLLET, OUT);
  char payload[64];
  char answer[64];
  for (int64_t i = 0; i < plan->amount; i++) {
    memset(payload, (int)(i & 0x7f), sizeof payload);
    int64_t start = now_nanos();
    if (write(child.in, payload, sizeof payload) != sizeof payload) fail("write: %s", strerror(errno));
    for (size_t got = 0; got < sizeof answer;) {
      struct epoll_event event;
      epoll_wait(epoll, &event, 1, -1);
      ssize_t bytes = read(child.out, answer + got, sizeof answer - got);
      if (bytes > 0) got += (size_t)bytes;
    }
    nanos[i] = now_nanos() - start;
    if (memcmp(payload, answer, sizeof answer) != 0) fail("another answer than what was sent");
  }
  close_end(&child.in);
  watch(epoll, child.pidfd, EPOLLIN, EXIT);
  for (;;) {
    struct epoll_event event;
    if (epoll_wait(epoll, &event, 1, -1) == 1 && event.data.u64 == EXIT) break;
  }
  if (child_reap(&child) != 0) fail("cat failed");
  close_end(&child.out);
  print_latencies(nanos, plan->amount);
  free(nanos);
  close(epoll);
}
