/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Others in the same JVM have children, too. */
class SharedJvmTest {
  private static final int CHILDREN = 200;

  @Test
  void exitsOfTheJdksProcesses_areTheirsAndOursAreOurs() {
    Flux<String> ours =
        Flux.range(0, CHILDREN)
            .flatMap(i -> Command.shell("exit " + i % 101).exit().map(s -> check(i, code(s))), 8);
    Flux<String> jdks =
        Flux.range(0, CHILDREN)
            .flatMap(
                i ->
                    Mono.fromCallable(() -> check(i, jdk(i % 101)))
                        .subscribeOn(Schedulers.boundedElastic()),
                8);

    List<String> all =
        Objects.requireNonNull(Flux.merge(ours, jdks).collectList().block(Limits.SOON));

    assertThat(all).hasSize(2 * CHILDREN).containsOnly("right");
  }

  private static String check(int i, int code) {
    return code == i % 101 ? "right" : "code " + code + " instead of " + i % 101;
  }

  private static int code(ExitStatus status) {
    return status.code().orElseThrow();
  }

  private static int jdk(int code) throws Exception {
    Process process = new ProcessBuilder("sh", "-c", "exit " + code).start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  @Test
  void statusTakenByAnother_isLostAndNothingElse() throws Exception {
    String counts = ChildJvm.run("", List.of(), RobbedMain.class).expectSuccess().stdout();

    // A race by nature: some are robbed and some perhaps not, and none is neither.
    assertThat(counts).contains("lost").doesNotContain("wrong");
  }

  /** Runs children that exit with 7 while another thread waits for any child. */
  static final class RobbedMain {
    private RobbedMain() {}

    public static void main(String[] none) {
      ForeignWait.takeAll();
      int right = 0;
      int lost = 0;
      int wrong = 0;
      for (int i = 0; i < CHILDREN; i++) {
        ExitStatus status =
            Objects.requireNonNull(Command.shell("exit 7").exit().block(Limits.SOON));
        if (status.is(7)) {
          right++;
        } else if (status.isLost() && !status.isSuccess() && status.code().isEmpty()) {
          lost++;
        } else {
          wrong++;
        }
      }
      System.out.print(right > 0 ? "right " : "");
      System.out.print(lost > 0 ? "lost " : "");
      System.out.print(wrong > 0 ? "wrong " : "");
      System.err.println("robbed: " + right + " right, " + lost + " lost, " + wrong + " wrong");
      System.exit(right + lost == CHILDREN ? 0 : 1);
    }
  }
}
