/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.shell.Node.Simple;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which arguments words become, before globs. */
class ExpanderTest {
  private static final Map<String, String> VARIABLES =
      Map.of("HOME", "/home/me you", "A", "a", "TWO", "x  y", "PAD", " p ", "EMPTY", "", "G", "*");

  private static List<String> arguments(String script, Object... values) {
    return fields(VARIABLES, script, values).stream().map(Field::text).toList();
  }

  private static List<Field> fields(
      Map<String, String> variables, String script, Object... values) {
    Parsed parsed = Parsed.of(script, values);
    return new Expander(parsed.values(), variables).fields(((Simple) parsed.tree()).words());
  }

  /** The arguments are shown joined by bars. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '→',
      quoteCharacter = '\u0001',
      value = {
        "c a b → c|a|b",
        "c 'a b' → c|a b",
        "c '' \"\" → c||",
        "c $A → c|a",
        "c $NONE → c",
        "c $EMPTY → c",
        "c \"$NONE\" → c|",
        "c ''$NONE → c|",
        "c x$NONE → c|x",
        "c $TWO → c|x|y",
        "c \"$TWO\" → c|x  y",
        "c a$TWO'b' → c|ax|yb",
        "c $PAD → c|p",
        "c a${PAD}b → c|a|p|b",
        "c $PAD$PAD → c|p|p",
        "c $TWO$TWO → c|x|yx|y",
        "c $PAD'' → c|p|",
        "c ''$PAD → c||p",
        "c ${#TWO} ${#NONE} → c|4|0",
        "c ${NONE-b} ${EMPTY-b} ${A-b} → c|b|a",
        "c ${NONE:-b} ${EMPTY:-b} ${A:-b} → c|b|b|a",
        "c ${NONE+b} ${EMPTY+b} ${A+b} → c|b|b",
        "c ${NONE:+b} ${EMPTY:+b} ${A:+b} → c|b",
        "c ${NONE:-b c} → c|b|c",
        "c ${NONE:-'b c'} → c|b c",
        "c \"${NONE:-b c}\" → c|b c",
        "c \"${NONE:-'b c'}\" → c|'b c'",
        "c ${NONE:-$TWO} → c|x|y",
        "c ${NONE:-\"$TWO\"} → c|x  y",
        "c ${NONE-} → c",
        "c \"${NONE-}\" → c|",
        "c ~ ~/a '~' a~ → c|/home/me you|/home/me you/a|~|a~",
        "c ${NONE:-~/a} → c|/home/me you/a",
        "c \"~\" → c|~",
        "$TWO → x|y",
      })
  void wordsBecome(String script, String arguments) {
    assertThat(String.join("|", arguments(script))).isEqualTo(arguments);
  }

  @Test
  void withoutHome_theTildeStays() {
    assertThat(fields(Map.of(), "c ~/a").get(1).text()).isEqualTo("~/a");
  }

  @Test
  void valueIsOneArgument_whateverIsInIt() {
    for (String value : List.of("", " ", "a b", "*", "$A", "$(x)", "`x`", "'", "\"", "{}", "\n")) {
      assertThat(arguments("c {} d", value)).containsExactly("c", value, "d");
      assertThat(arguments("c x{}y", value)).containsExactly("c", "x" + value + "y");
      assertThat(arguments("c \"{}\"", value)).containsExactly("c", value);
    }
  }

  @Test
  void valueIsNoGlob_andNeitherIsQuotedText() {
    for (String word : List.of("{}", "\"$G\"", "'*'", "\\*", "\"*\"")) {
      Object[] values = word.equals("{}") ? new Object[] {"*"} : new Object[0];
      assertThat(fields(VARIABLES, "c " + word, values).get(1).isGlob()).isFalse();
    }
    for (String word : List.of("*", "$G", "a?", "[a]", "${NONE:-*}", "'a'*")) {
      assertThat(fields(VARIABLES, "c " + word).get(1).isGlob()).isTrue();
    }
  }

  @Test
  void collection_isAnArgumentEach() {
    assertThat(arguments("c {} d", List.of("a b", "", 3)))
        .containsExactly("c", "a b", "", "3", "d");
    assertThat(arguments("c {} d", List.of())).containsExactly("c", "d");
    assertThat(arguments("{}", List.of("a", "b"))).containsExactly("a", "b");
  }

  @Test
  void assignmentsAndTargets_areNotSplit() {
    Parsed parsed = Parsed.of("V=$TWO:~ c >$TWO$G", new Object[0]);
    Simple simple = (Simple) parsed.tree();
    Expander expander = new Expander(parsed.values(), new HashMap<>(VARIABLES));

    assertThat(expander.text(simple.assignments().get(0).value())).isEqualTo("x  y:/home/me you");
    assertThat(expander.text(simple.redirects().get(0).word())).isEqualTo("x  y*");
  }
}
