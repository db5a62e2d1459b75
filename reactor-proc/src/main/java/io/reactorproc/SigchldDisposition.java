/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A JVM that was started with SIGCHLD ignored (some supervisors do that) has its children reaped by
 * the kernel, and every {@code wait} says {@code ECHILD}. The first use of {@code
 * java.lang.ProcessImpl} sets the default disposition; where SIGCHLD is ignored we bring that
 * forward.
 */
final class SigchldDisposition {
  private static final Logger LOG = LoggerFactory.getLogger(SigchldDisposition.class);
  private static final int SIGCHLD = 17;
  private static boolean looked;

  private SigchldDisposition() {}

  static synchronized void repair() {
    if (looked) {
      return;
    }
    looked = true;
    if (!isIgnored()) {
      return;
    }
    try {
      Class.forName("java.lang.ProcessImpl", true, null);
    } catch (ClassNotFoundException e) {
      LOG.debug("this JVM has no java.lang.ProcessImpl", e);
    }
    if (isIgnored()) {
      LOG.warn("SIGCHLD is ignored in this JVM: the statuses of children will be lost");
    } else {
      LOG.info("SIGCHLD was ignored when this JVM started; its default is restored");
    }
  }

  private static boolean isIgnored() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("SigIgn:")) {
          long mask = Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16);
          return (mask & (1L << (SIGCHLD - 1))) != 0;
        }
      }
    } catch (IOException e) {
      LOG.debug("/proc/self/status cannot be read", e);
    }
    return false;
  }
}
