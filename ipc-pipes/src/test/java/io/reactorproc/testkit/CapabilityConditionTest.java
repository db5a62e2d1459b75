/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CapabilityConditionTest {
  static class NeedsWhatIsThere {
    @Test
    @EnabledIfExecutable({"sh", "/bin/sh"})
    @EnabledIfFile("/proc/self/stat")
    void run() {}
  }

  @Test
  void presentCapability_letsTheTestRun() {
    assertThat(FixtureRun.of(NeedsWhatIsThere.class).succeededTests()).isEqualTo(1);
  }

  static class NeedsMissingProgram {
    @Test
    @EnabledIfExecutable({"sh", "no-such-program"})
    void run() {}
  }

  @Test
  void missingExecutable_isNamedInTheReason() {
    assertThat(FixtureRun.of(NeedsMissingProgram.class).skipped())
        .containsExactly("missing: executable no-such-program");
  }

  @EnabledIfFile("/proc/no-such-feature")
  static class NeedsMissingFile {
    @Test
    void run() {}
  }

  @Test
  void missingFile_isNamedInTheReasonOfTheClass() {
    assertThat(FixtureRun.of(NeedsMissingFile.class).skipped())
        .containsExactly("missing: file /proc/no-such-feature");
  }

  static class NeedsDirectoryAsProgram {
    @Test
    @EnabledIfExecutable("/usr")
    void run() {}
  }

  @Test
  void directory_isNoExecutable() {
    assertThat(FixtureRun.of(NeedsDirectoryAsProgram.class).skipped())
        .containsExactly("missing: executable /usr");
  }
}
