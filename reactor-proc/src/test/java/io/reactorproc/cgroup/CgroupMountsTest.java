/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.reactorproc.cgroup.CgroupException.Reason;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CgroupMountsTest {
  private static final String ROOT = "23 1 8:1 / / rw - ext4 /dev/root rw";

  @Test
  void unifiedHierarchy_isFound() throws Exception {
    assertThat(
            CgroupMounts.find(
                List.of(
                    ROOT, "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw"),
                List.of("0::/user.slice/user-1000.slice/app.scope")))
        .isEqualTo(Path.of("/sys/fs/cgroup/user.slice/user-1000.slice/app.scope"));
  }

  @Test
  void besideVersionOne_itIsFoundWhereItIsMounted() throws Exception {
    assertThat(
            CgroupMounts.find(
                List.of(
                    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755",
                    "39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids",
                    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"),
                List.of("8:pids:/somewhere", "0::/")))
        .isEqualTo(Path.of("/sys/fs/cgroup/unified"));
  }

  @Test
  void partOfTheHierarchyThatIsMounted_isTakenOff() throws Exception {
    assertThat(
            CgroupMounts.find(
                List.of("50 49 0:26 /docker/abc /cg rw - cgroup2 cgroup rw"),
                List.of("0::/docker/abc/inner")))
        .isEqualTo(Path.of("/cg/inner"));
  }

  @Test
  void mountPointWithABlank_isUnescaped() throws Exception {
    assertThat(
            CgroupMounts.find(
                List.of("50 49 0:26 / /my\\040cgroups rw - cgroup2 cgroup rw"), List.of("0::/x")))
        .isEqualTo(Path.of("/my cgroups/x"));
  }

  @Test
  void noHierarchyOfVersionTwo_isATypedError() {
    CgroupException failure =
        catchThrowableOfType(
            CgroupException.class,
            () ->
                CgroupMounts.find(
                    List.of("39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids"),
                    List.of("8:pids:/", "0::/")));

    assertThat(failure.reason()).isEqualTo(Reason.NO_HIERARCHY);
    assertThat(failure).hasMessageContaining("no hierarchy of cgroup version 2 is mounted");
  }

  @Test
  void kernelWithVersionOneOnly_isATypedError() {
    CgroupException failure =
        catchThrowableOfType(
            CgroupException.class, () -> CgroupMounts.find(List.of(), List.of("8:pids:/")));

    assertThat(failure.reason()).isEqualTo(Reason.NO_HIERARCHY);
  }

  @Test
  void processOutsideOfItsNamespace_isATypedError() {
    CgroupException failure =
        catchThrowableOfType(
            CgroupException.class,
            () ->
                CgroupMounts.find(
                    List.of("50 49 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup rw"),
                    List.of("0::/../other")));

    assertThat(failure).hasMessageContaining("outside of what is mounted");
  }
}
