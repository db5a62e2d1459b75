/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/* Children joined by pipes of the kernel: what this process does is to start them and to wait. */
#define _GNU_SOURCE
#include "child.h"
#include "workloads.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MOST_STAGES 8
#define OUT MOST_STAGES

/* Splits at "|"; the words stay where they are. */
static int split(const struct plan *plan, char *words[], char **stages[]) {
  int count = 1;
  int i = 0;
  stages[0] = words;
  for (; plan->argv[i] != NULL; i++) {
    words[i] = plan->argv[i];
    if (strcmp(words[i], "|") == 0) {
      if (count == MOST_STAGES) fail("more than %d stages", MOST_STAGES);
      words[i] = NULL;
      stages[count++] = &words[i + 1];
    }
  }
  words[i] = NULL;
  return count;
}

static void start(struct child *children, char **stages[], int count) {
  int input = child_null_device();
  for (int i = 0; i < count; i++) {
    struct child *child = &children[i];
    int next = -1;
    int from[3] = {input, -1, child_null_device()};
    child->in = child->out = child->err = -1;
    if (i + 1 < count) {
      child_join_pipe(&next, &from[1]);
    } else {
      from[1] = child_output_pipe(child);
    }
    child_spawn(child, stages[i], from);
    if (input != child_null_device()) close(input);
    close(from[1]);
    input = next;
  }
}

void pipeline_round(const struct plan *plan) {
  char *words[16];
  char **stages[MOST_STAGES];
  struct child children[MOST_STAGES];
  char answer[64];
  size_t length = 0;
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  int64_t begin = now_nanos();
  int64_t cpu = cpu_nanos();
  int count = split(plan, words, stages);
  start(children, stages, count);
  struct child *last = &children[count - 1];
  for (int i = 0; i < count; i++) watch(epoll, children[i].pidfd, EPOLLIN, (uint64_t)i);
  watch(epoll, last->out, EPOLLIN | EPOLLET, OUT);
  for (int open = count + 1; open > 0;) {
    struct epoll_event events[MOST_STAGES];
    int ready = epoll_wait(epoll, events, MOST_STAGES, -1);
    for (int e = 0; e < ready; e++) {
      if (events[e].data.u64 != OUT) {
        int status = child_reap(&children[events[e].data.u64]);
        if (status != 0) fail("a stage ended with wait status %d", status);
        open--;
        continue;
      }
      ssize_t got = 1;
      while (last->out >= 0 && (got = read(last->out, answer + length, sizeof answer - 1 - length)) > 0) {
        length += (size_t)got;
      }
      if (got < 0 && errno != EAGAIN) fail("read: %s", strerror(errno));
      if (got == 0) {
        close_end(&last->out);
        open--;
      }
    }
  }
  answer[length] = 0;
  double seconds = (double)(now_nanos() - begin) / 1e9;
  double cpu_millis = (double)(cpu_nanos() - cpu) / 1e6;
  close(epoll);
  if (atoll(answer) != plan->amount) fail("counted %s, not %" PRId64, answer, plan->amount);
  double gib = (double)plan->amount / GIB;
  printf("result throughput=%.4f cpu=%.3f\n", gib / seconds, cpu_millis / gib);
}
