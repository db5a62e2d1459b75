/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.Output;
import io.reactorproc.Stdin;
import io.reactorproc.shell.Node.Simple;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.CharBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

/** Which values fit which places. */
class ValuesTest {

  static Stream<Object> texts() {
    return Stream.of(
        "text",
        CharBuffer.wrap("text"),
        5,
        -1L,
        new BigDecimal("1.50"),
        true,
        'c',
        TimeUnit.DAYS,
        Path.of("a/b"),
        URI.create("http://a/b"),
        LocalDate.of(2024, 2, 29),
        Duration.ofSeconds(3));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void whatHasAnObviousText_isAWord(Object value) {
    Parsed parsed = Parsed.of("c {}", value);
    Simple simple = (Simple) parsed.tree();

    assertThat(new Expander(parsed.values(), Map.of()).fields(simple.words()).get(1).text())
        .isEqualTo(value.toString());
  }

  static Stream<Object> others() {
    return Stream.of(
        new Object(),
        Map.of(),
        Optional.of("a"),
        new int[] {1},
        List.of(List.of("a")),
        Arrays.asList("a", null));
  }

  @ParameterizedTest
  @MethodSource("others")
  void anythingElse_isRefused(Object value) {
    assertThatThrownBy(() -> Parsed.of("c {}", value))
        .isInstanceOf(ShellSyntaxException.class)
        .hasMessageContaining("line 1, column 3")
        .hasMessageContaining("no value for {}");
  }

  @Test
  void nullIsRefused() {
    assertThatThrownBy(() -> Parsed.of("c {}", (Object) null))
        .isInstanceOf(ShellSyntaxException.class)
        .hasMessageContaining("null is no value");
  }

  @Test
  void collectionInsideAWord_isRefused() {
    for (String word : List.of("a{}", "\"{}\"", "${A-{}}", "<{}", ">{}", "<<<{}")) {
      assertThatThrownBy(() -> Parsed.of("c " + word, List.of("a", "b")))
          .isInstanceOf(ShellSyntaxException.class)
          .hasMessageContaining("several words want a {} of their own");
    }
    assertThatThrownBy(() -> Parsed.of("A={} c", List.of("a")))
        .isInstanceOf(ShellSyntaxException.class);
  }

  @Test
  void streams_areForRedirectsOnly() {
    for (Object stream :
        List.of(
            Flux.just("a"), new ByteArrayInputStream(new byte[0]), new byte[0], Stdin.empty())) {
      assertThatCode(() -> Parsed.of("c < {}", stream)).doesNotThrowAnyException();
      for (String script : List.of("c {}", "{}", "c <x{}", "c > {}", "c <<< {}", "A={} c")) {
        assertThatThrownBy(() -> Parsed.of(script, stream))
            .isInstanceOf(ShellSyntaxException.class)
            .hasMessageContaining("behind < or >");
      }
    }
  }

  @Test
  void outputs_areForRedirectsOnly() {
    assertThatCode(() -> Parsed.of("c 2> {}", Output.discard())).doesNotThrowAnyException();
    for (String script : List.of("c {}", "c < {}", "c >> {}", "c >x{}")) {
      assertThatThrownBy(() -> Parsed.of(script, Output.discard()))
          .isInstanceOf(ShellSyntaxException.class);
    }
  }

  @Test
  void placeholdersAreChecked_whereverTheyAre() {
    for (String script :
        List.of("a; c x{}", "a && x{}", "x{} || a", "! x{}", "a | x{}", "{ x{}; }", "(a) >x{}")) {
      assertThatThrownBy(() -> Parsed.of(script, List.of("a")))
          .isInstanceOf(ShellSyntaxException.class);
    }
  }

  @Test
  void laterChangesOfACollection_changeNothing() {
    List<String> words = new ArrayList<>(List.of("a"));
    Parsed parsed = Parsed.of("c {}", words);
    words.add("b");

    Simple simple = (Simple) parsed.tree();
    assertThat(new Expander(parsed.values(), Map.of()).fields(simple.words())).hasSize(2);
  }
}
