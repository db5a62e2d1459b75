/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import java.util.Iterator;
import java.util.SortedMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Descriptors that the JVM opens by itself, for an instant or for as long as it lives. */
final class JvmFiles {
  private static final Predicate<String> OF_THE_JDK =
      Pattern.compile(
              // class path and JDK
              ".*\\.(jar|so|class)( \\(deleted\\))?|.*/lib/modules"
                  // SecureRandom
                  + "|/dev/u?random"
                  // the JVM looks at its container now and then, on a thread of its own; and what
                  // is
                  // left in a cgroup of ours is waited for beyond the end of the one who had it
                  + "|/sys/fs/cgroup/.*|/proc/(\\d+|self)/(cgroup|mountinfo)"
                  + "|/proc/(cgroups|meminfo|stat|cpuinfo)"
                  // the listing of the descriptors itself
                  + "|/proc/\\d+/fd")
          .asMatchPredicate();

  /** The one that children are given, and the reserve for a pidfd; both are made at 10 or above. */
  private static final int NULL_DEVICES = 2;

  private static final int FIRST_NULL_DEVICE = 10;

  /** That of {@code signals} lives as long as the JVM. */
  private static final int SIGNALFDS = 1;

  private JvmFiles() {}

  /** Takes them out of the descriptors of this JVM: number to target. */
  static void removeFrom(SortedMap<Integer, String> descriptors) {
    descriptors.values().removeIf(OF_THE_JDK);
    removeFirst(NULL_DEVICES, "/dev/null", descriptors.tailMap(FIRST_NULL_DEVICE));
    removeFirst(SIGNALFDS, "anon_inode:[signalfd]", descriptors);
  }

  private static void removeFirst(int most, String target, SortedMap<Integer, String> descriptors) {
    int kept = 0;
    Iterator<String> targets = descriptors.values().iterator();
    while (targets.hasNext() && kept < most) {
      if (targets.next().equals(target)) {
        targets.remove();
        kept++;
      }
    }
  }
}
