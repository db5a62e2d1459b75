/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/*
 * What one thread can reach with posix_spawn, pidfd_open, epoll and raw reads and writes: the limit
 * that the comparison measures against. Arguments are key=value, where "{}" in argv stands for the
 * amount; the words on stdin are "warm" and "round", the answers "ready" and "result key=value ...".
 */
#define _GNU_SOURCE
#include "child.h"
#include "workloads.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
  const char *kind;
  void (*round)(const struct plan *);
} rounds[] = {
    {"spawn", spawn_round},          {"capture", spawn_round}, {"output", output_round},
    {"echo", echo_round},            {"lines", lines_round},   {"crowd", crowd_round},
    {"round-trip", round_trip_round}, {"exit", exit_round},  {"pipeline", pipeline_round},
    {"spawn-unpiped", spawn_round},  {"spawn-duties", duties_round},
};

static void parse(struct plan *plan, char *argument) {
  char *value = strchr(argument, '=');
  if (value == NULL) fail("not key=value: %s", argument);
  *value++ = 0;
  if (strcmp(argument, "kind") == 0) plan->kind = value;
  if (strcmp(argument, "nanos") == 0) plan->nanos = atoll(value);
  if (strcmp(argument, "in-flight") == 0) plan->in_flight = atoi(value);
  if (strcmp(argument, "expect") == 0) plan->expect = value;
  if (strcmp(argument, "amount") == 0) plan->amount = atoll(value);
  if (strcmp(argument, "pipe-size") == 0) plan->pipe_size = atoi(value);
  if (strcmp(argument, "touch") == 0) plan->touch = atoll(value);
  if (strcmp(argument, "argv") == 0) {
    int count = 0;
    for (char *word = strtok(value, " "); word != NULL && count < 15; word = strtok(NULL, " ")) {
      plan->argv[count++] = word;
    }
  }
}

/* A reference that took every status for a success would be fast, too. */
static void check_statuses(void) {
  struct child child;
  siginfo_t info;
  child_start(&child, (char *[]){"/bin/sh", "-c", "exit 7", NULL}, 0, 0);
  waitid(P_PID, (id_t)child.pid, &info, WEXITED | WNOWAIT);
  int status = child_reap(&child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 7) fail("exit 7 was seen as status %d", status);
}

int main(int count, char **arguments) {
  struct plan plan = {.kind = "", .in_flight = 1};
  for (int i = 1; i < count; i++) parse(&plan, arguments[i]);
  char amount[24];
  snprintf(amount, sizeof amount, "%lld", (long long)plan.amount);
  for (char **word = plan.argv; *word != NULL; word++) {
    if (strcmp(*word, "{}") == 0) *word = amount;
  }
  void (*round)(const struct plan *) = NULL;
  for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
    if (strcmp(rounds[i].kind, plan.kind) == 0) round = rounds[i].round;
  }
  if (round == NULL) fail("no workload of kind '%s'", plan.kind);
  child_setup();
  check_statuses();
  char *touched = NULL;
  if (plan.touch > 0) {
    touched = malloc((size_t)plan.touch);
    if (touched == NULL) fail("no memory to touch");
    memset(touched, 1, (size_t)plan.touch);
  }
  char word[32];
  while (fgets(word, sizeof word, stdin) != NULL) {
    if (strcmp(word, "warm\n") == 0) {
      printf("ready\n"); /* there is nothing to compile */
    } else {
      round(&plan);
    }
    fflush(stdout);
  }
  free(touched);
  return 0;
}
