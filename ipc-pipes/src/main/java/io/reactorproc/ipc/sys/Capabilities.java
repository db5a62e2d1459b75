/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this kernel, C library and sandbox can do, probed once by trying: a call that answers {@code
 * EPERM} counts as missing, as seccomp filters of containers answer so.
 *
 * <p>The system property {@code io.reactorproc.without}, a comma-separated list of the words
 * "pidfd", "closefrom", "tcsetpgrp" and "memfd", makes the probe report them as missing, so that
 * the fallbacks can be tried anywhere. With {@code io.reactorproc.strict=true} a missing one is a
 * refusal instead of a fallback.
 *
 * @param kernel the kernel's release, such as {@code 6.1.0}
 * @param libc the C library's name and version, such as {@code glibc 2.36}
 * @param pidfd {@code pidfd_open}, {@code pidfd_send_signal} and {@code waitid(P_PIDFD)} work
 *     (Linux 5.4); without it children are watched by timed {@code waitid(WNOHANG)}
 * @param closeFrom the C library closes descriptors in the child (glibc 2.34); without it each
 *     start lists the inheritable descriptors
 * @param foreground the C library puts a child into the foreground of its terminal before it
 *     executes (glibc 2.35); without it we do so right after
 * @param closeRange {@code close_range(2)} works (Linux 5.9), so that closing costs nothing
 * @param cgroupV2 the unified cgroup hierarchy is mounted, wherever that is
 * @param memoryFiles {@code memfd_create(2)} with seals works (Linux 3.17) and {@code /proc} is
 *     mounted; without it input from memory goes through a pipe
 * @param blockedSignals the signals that every thread of this JVM blocks, bit {@code n-1} for
 *     signal {@code n}: those a signalfd can receive soundly
 */
public record Capabilities(
    String kernel,
    String libc,
    boolean pidfd,
    boolean closeFrom,
    boolean foreground,
    boolean closeRange,
    boolean memoryFiles,
    boolean cgroupV2,
    long blockedSignals) {

  /**
   * The outcome of the probe, which runs at the first call and logs one line.
   *
   * @throws UnsupportedPlatformException if the minimum is missing, with the reason
   */
  public static Capabilities get() {
    return Holder.get();
  }

  /** One line for logs and bug reports. */
  public String describe() {
    return "kernel "
        + kernel
        + ", "
        + libc
        + ", exits by "
        + (pidfd ? "pidfd" : "timed waitid")
        + ", descriptors closed by "
        + (closeFrom ? "closefrom" : "listing")
        + (closeRange ? " (close_range)" : "")
        + ", input from memory by "
        + (memoryFiles ? "memfd" : "pipe")
        + ", cgroup v2 "
        + (cgroupV2 ? "mounted" : "absent")
        + ", signals by "
        + (blockedSignals == 0 ? "handler" : "signalfd where blocked");
  }

  /** Keeps the outcome for all later calls; a refusal is said again by a new probe. */
  private static final class Holder {
    private static final Logger LOG = LoggerFactory.getLogger(Capabilities.class);
    private static volatile @Nullable Capabilities known;

    static Capabilities get() {
      Capabilities probed = known;
      return probed == null ? probe() : probed;
    }

    private static synchronized Capabilities probe() {
      Capabilities probed = known;
      if (probed == null) {
        known = probed = Probe.run();
        LOG.info("reactor-proc: {}", probed.describe());
      }
      return probed;
    }
  }
}
