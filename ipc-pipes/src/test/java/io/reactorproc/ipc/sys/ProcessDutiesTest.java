/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.testkit.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessDutiesTest {
  private static final int EXIT_CODE = 7;

  private final ProcessDuties duties = ProcessDuties.system();

  @Test
  void subreaper_isWhatWasSet() throws IOException {
    boolean before = duties.isChildSubreaper();
    try {
      duties.setChildSubreaper(true);
      assertThat(duties.isChildSubreaper()).isTrue();
      duties.setChildSubreaper(false);
      assertThat(duties.isChildSubreaper()).isFalse();
    } finally {
      duties.setChildSubreaper(before);
    }
  }

  /** The look takes nothing: the status is still there for whom it belongs to. */
  @Test
  void lookingForZombies_leavesThemToTheirOwners() throws IOException {
    Kernel kernel = Kernel.system();
    StringBlock argv = StringBlock.of(List.of("sh", "-c", "exit " + EXIT_CODE));
    SpawnRequest request =
        new SpawnRequest(
            "/bin/sh\0".getBytes(StandardCharsets.UTF_8),
            argv,
            StringBlock.of(List.of()),
            null,
            new int[0],
            new int[0],
            SpawnRequest.Group.OWN);
    int pid = kernel.spawn(request, new SpawnArena());

    Await.until("it has ended", duties::hasZombie);

    assertThat(duties.hasZombie()).isTrue();
    WaitResult result = kernel.waitFor(false, pid, WaitResult.EXITED);
    assertThat(result.kind()).isEqualTo(WaitResult.Kind.EXITED);
    assertThat(result.value()).isEqualTo(EXIT_CODE);
    assertThat(duties.hasZombie()).isFalse();
  }
}
