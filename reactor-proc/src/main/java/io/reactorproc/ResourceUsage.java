/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.time.Duration;

/**
 * What a child and the children it waited for have used: {@code struct rusage} of {@code
 * waitid(2)}, see {@code getrusage(2)}.
 *
 * @param userCpu CPU time in user mode
 * @param systemCpu CPU time in the kernel
 * @param peakRssBytes largest resident set of one process among them, in bytes. The kernel counts
 *     from before the exec, when the child still shared the JVM's memory: a value no larger than
 *     the JVM's own resident set is an upper bound and not a measure
 * @param minorFaults page faults served without I/O
 * @param majorFaults page faults served with I/O
 * @param blocksIn input operations of the file system, in blocks of 512 bytes
 * @param blocksOut output operations of the file system, in blocks of 512 bytes
 * @param voluntarySwitches context switches because it waited
 * @param involuntarySwitches context switches because others were due
 */
public record ResourceUsage(
    Duration userCpu,
    Duration systemCpu,
    long peakRssBytes,
    long minorFaults,
    long majorFaults,
    long blocksIn,
    long blocksOut,
    long voluntarySwitches,
    long involuntarySwitches) {

  /** User and system CPU time together. */
  public Duration cpu() {
    return userCpu.plus(systemCpu);
  }
}
