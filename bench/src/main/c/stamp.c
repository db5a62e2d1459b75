/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/*
 * Sleeps 20 ms, so that its parent is idle, writes the time (CLOCK_MONOTONIC, nanoseconds, 8 bytes in
 * the machine's order) to stdout as the last thing it does, and is gone. No C library, whose exit takes
 * time of its own. The parent's clock less that number is the way from exit to subscriber.
 */
#include <linux/time_types.h>
#include <stdint.h>
#include <sys/syscall.h>

#define CLOCK_MONOTONIC 1

static long call3(long number, long a, long b, long c) {
#if defined(__x86_64__)
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
#else
#error "stamp.c knows x86_64 and aarch64"
#endif
}

/* Not on the stack, whose alignment at the start of a program is not that of a function. */
static struct __kernel_timespec pause = {0, 20 * 1000 * 1000};
static struct __kernel_timespec now;
static int64_t nanos;

void _start(void) {
  call3(SYS_nanosleep, (long)&pause, 0, 0);
  call3(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0);
  nanos = now.tv_sec * 1000000000LL + now.tv_nsec;
  long written = call3(SYS_write, 1, (long)&nanos, sizeof nanos);
  call3(SYS_exit_group, written == sizeof nanos ? 0 : 1, 0, 0);
  __builtin_unreachable();
}
