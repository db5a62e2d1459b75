/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

/**
 * Where a signal came from, as the kernel tells it in {@code signalfd_siginfo}, see {@code
 * signalfd(2)} and {@code sigaction(2)}.
 *
 * @param code {@code si_code}: 0 for {@code kill(2)} ({@code SI_USER}), -1 for {@code sigqueue(3)},
 *     -6 for {@code tgkill(2)}, 128 from the kernel itself; for SIGCHLD one of {@code CLD_EXITED}
 *     (1), {@code CLD_KILLED} (2), {@code CLD_DUMPED} (3), {@code CLD_STOPPED} (5) and {@code
 *     CLD_CONTINUED} (6)
 * @param pid the sender, 0 where that is the kernel or a process of another PID namespace; for
 *     SIGCHLD the child
 * @param uid the real user id of the sender or of the child
 * @param value the int sent along by {@code sigqueue(3)}, else 0
 * @param status for SIGCHLD the child's exit code or signal number, else 0
 */
public record SignalOrigin(int code, int pid, int uid, int value, int status) {}
