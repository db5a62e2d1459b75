/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/*
 * Children one at a time, with what a library in a JVM has to do besides: some sixty descriptors are
 * open, which each child has to close; stderr is a pipe, read by epoll, as a part of it is kept for
 * the error; and a thread of its own starts the children, since a start blocks.
 */
#define _GNU_SOURCE
#include "child.h"
#include "workloads.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define DESCRIPTORS_OF_A_JVM 60

enum source { STARTED, EXIT, ERR };

struct starter {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  const struct plan *plan; /* to start one child; NULL when that is done */
  struct child child;
  int started; /* an eventfd */
};

static struct starter starter = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .started = -1};

static void *start_children(void *unused) {
  (void)unused;
  for (;;) {
    pthread_mutex_lock(&starter.lock);
    while (starter.plan == NULL) pthread_cond_wait(&starter.changed, &starter.lock);
    child_start(&starter.child, starter.plan->argv, PIPE_ERR, 0);
    starter.plan = NULL;
    pthread_mutex_unlock(&starter.lock);
    eventfd_write(starter.started, 1);
  }
  return NULL;
}

static void ask_for_a_child(const struct plan *plan) {
  pthread_mutex_lock(&starter.lock);
  starter.plan = plan;
  pthread_cond_signal(&starter.changed);
  pthread_mutex_unlock(&starter.lock);
}

static void set_up(void) {
  if (starter.started >= 0) return;
  starter.started = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  for (int i = 0; i < DESCRIPTORS_OF_A_JVM; i++) {
    if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0) fail("open: %s", strerror(errno));
  }
  pthread_t thread;
  if (pthread_create(&thread, NULL, start_children, NULL) != 0) fail("no thread can be started");
}

/* Answers whether the child is reaped and its stderr at the end. */
static int handle(struct child *child, int epoll, enum source source) {
  eventfd_t count;
  if (source == STARTED) {
    if (eventfd_read(starter.started, &count) != 0) return 0;
    pthread_mutex_lock(&starter.lock); /* what the other thread wrote */
    *child = starter.child;
    pthread_mutex_unlock(&starter.lock);
    watch(epoll, child->pidfd, EPOLLIN, EXIT);
    watch(epoll, child->err, EPOLLIN | EPOLLET, ERR);
    return 0;
  }
  if (source == EXIT) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, child->pidfd, NULL);
    int status = child_reap(child);
    if (status != 0) fail("a child ended with wait status %d", status);
  } else {
    char message[256];
    ssize_t got = read(child->err, message, sizeof message);
    if (got > 0) fail("stderr: %.*s", (int)got, message);
    if (got == 0) {
      epoll_ctl(epoll, EPOLL_CTL_DEL, child->err, NULL);
      close_end(&child->err);
    }
  }
  return child->pidfd < 0 && child->err < 0;
}

void duties_round(const struct plan *plan) {
  set_up();
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, starter.started, EPOLLIN | EPOLLET, STARTED);
  struct child child = {.pidfd = -1, .err = -1};
  int64_t start = now_nanos();
  int64_t cpu = cpu_nanos();
  int64_t children = 0;
  ask_for_a_child(plan);
  for (;;) {
    struct epoll_event events[4];
    int over = 0;
    int ready = epoll_wait(epoll, events, 4, -1);
    for (int i = 0; i < ready; i++) over |= handle(&child, epoll, (enum source)events[i].data.u64);
    if (!over) continue;
    children++;
    if (now_nanos() - start >= plan->nanos) break;
    ask_for_a_child(plan);
  }
  double seconds = (double)(now_nanos() - start) / 1e9;
  double cpu_micros = (double)(cpu_nanos() - cpu) / 1e3;
  close(epoll);
  printf("result rate=%.3f cpu=%.3f\n", (double)children / seconds, cpu_micros / (double)children);
}
