/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/* One round of each workload. Each verifies its own work and prints its result. */
#ifndef REFERENCE_WORKLOADS_H
#define REFERENCE_WORKLOADS_H

#include <stdint.h>

struct plan {
  const char *kind;
  char *argv[16];
  int64_t nanos;      /* how long a round starts children */
  int in_flight;      /* children at a time */
  const char *expect; /* what a captured child writes, without the newline */
  int64_t amount;     /* bytes, lines, round trips or children */
  int pipe_size;      /* 0: the kernel's default */
  int64_t touch;      /* bytes of memory to be touched before the first round */
};

/* Children started and reaped, with what they wrote if it is expected. */
void spawn_round(const struct plan *plan);
/* As spawn_round, one at a time, with all that a library in a JVM has to do besides. */
void duties_round(const struct plan *plan);
/* A child's output, counted. */
void output_round(const struct plan *plan);
/* Bytes through cat and back. */
void echo_round(const struct plan *plan);
/* 64 bytes there and back, one at a time. */
void round_trip_round(const struct plan *plan);
/* Lines of seq, found by memchr. */
void lines_round(const struct plan *plan);
/* Children joined by pipes: argv has them with "|" in between. The last one counts the bytes. */
void pipeline_round(const struct plan *plan);
/* Many live children, then SIGKILL to each. */
void crowd_round(const struct plan *plan);
/* From a child's last instruction to its exit event. */
void exit_round(const struct plan *plan);

#endif
