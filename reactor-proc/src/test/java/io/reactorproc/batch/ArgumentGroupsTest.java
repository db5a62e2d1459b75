/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import static io.reactorproc.batch.Gate.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.Command;
import io.reactorproc.ProcessStartException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Arguments in groups. */
@Timeout(60)
class ArgumentGroupsTest {

  @Test
  void groups_haveAtMostSoMany() {
    StepVerifier.create(Arguments.groups(Flux.just("a", "b", "c", "d", "e"), 2, 1_000))
        .expectNext(List.of("a", "b"), List.of("c", "d"), List.of("e"))
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void groups_keepWithinTheBytes() {
    // Each counts its bytes in UTF-8, a NUL and a pointer: 10, 11, 11.
    StepVerifier.create(Arguments.groups(Flux.just("a", "bb", "ü", "d"), 100, 21))
        .expectNext(List.of("a", "bb"), List.of("ü", "d"))
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void argumentThatIsTooLong_isAGroupByItself() {
    StepVerifier.create(Arguments.groups(Flux.just("a", "long", "b"), 100, 11))
        .expectNext(List.of("a"), List.of("long"), List.of("b"))
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void noArguments_noGroup() {
    StepVerifier.create(Arguments.groups(Flux.empty(), 3, 100)).expectComplete().verify(SOON);
  }

  @Test
  void source_isAskedOneByOne() {
    List<Long> asked = new ArrayList<>();
    StepVerifier.create(
            Arguments.groups(
                Flux.just("a", "b", "c", "d", "e").hide().doOnRequest(asked::add), 2, 99),
            1)
        .expectNext(List.of("a", "b"))
        .then(() -> assertThat(asked).containsExactly(1L, 1L, 1L))
        .thenCancel()
        .verify(SOON);
  }

  @Test
  void mostBytes_isLessThanTheSystemSays() {
    String argMax = Command.of("getconf", "ARG_MAX").text().blockOptional(SOON).orElseThrow();
    assertThat(Arguments.mostBytes()).isPositive().isLessThan(Long.parseLong(argMax.strip()));
  }

  @Test
  void mostBytes_startAndTwiceAsManyDoNot() {
    long most = Arguments.mostBytes();
    String kilobyte = "x".repeat(1024 - 9);
    Command fits = Command.of(argv(kilobyte, most / 1024 - 1));
    assertThat(fits.exit().map(status -> status.isSuccess()).block(SOON)).isTrue();

    StepVerifier.create(Command.of(argv(kilobyte, 2 * most / 1024)).exit())
        .expectErrorSatisfies(
            error ->
                assertThat(((ProcessStartException) error).reason())
                    .isEqualTo(ProcessStartException.Reason.ARGUMENTS))
        .verify(SOON);
  }

  private static List<String> argv(String argument, long times) {
    List<String> argv = new ArrayList<>(List.of("true"));
    for (long i = 0; i < times; i++) {
      argv.add(argument);
    }
    return argv;
  }

  @Test
  void grouped_givesManyArgumentsToOneChild() {
    int count = 20_000;
    List<ItemResult<List<String>, io.reactorproc.ProcessResult>> results =
        Parallel.grouped(
                Flux.range(0, count).map(i -> "argument number " + i),
                Integer.MAX_VALUE,
                Command.of("printf", "%s\n"))
            .ordered()
            .results()
            .collectList()
            .blockOptional(SOON)
            .orElseThrow();

    assertThat(results).hasSizeBetween(2, 10).allMatch(ItemResult::isSuccess);
    StringBuilder written = new StringBuilder();
    results.forEach(result -> written.append(result.value().orElseThrow().stdoutText()));
    assertThat(written.toString().lines()).hasSize(count).endsWith("argument number 19999");
  }
}
