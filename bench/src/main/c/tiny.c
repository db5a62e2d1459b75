/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/*
 * The cheapest child there is: no C library, no dynamic linker, exit(0) as its first instruction. What a
 * spawn of it costs is the kernel's work and the parent's.
 */
#include <sys/syscall.h>

void _start(void) {
#if defined(__x86_64__)
  __asm__ volatile("syscall" : : "a"(SYS_exit_group), "D"(0) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long number __asm__("x8") = SYS_exit_group;
  register long code __asm__("x0") = 0;
  __asm__ volatile("svc 0" : : "r"(number), "r"(code) : "memory");
#else
#error "tiny.c knows x86_64 and aarch64"
#endif
  __builtin_unreachable();
}
