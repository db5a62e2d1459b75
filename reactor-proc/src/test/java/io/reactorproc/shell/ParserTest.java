/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What scripts are read as. */
class ParserTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '→',
      quoteCharacter = '\u0001',
      value = {
        "a b c → [a b c]",
        "a | b → (| [a] [b])",
        "a | b | c → (| [a] [b] [c])",
        "a |& b → (| [a 2>&1] [b])",
        "a >f |& b → (| [a 1>f 2>&1] [b])",
        "{ a; } |& b → (| {[a] 2>&1} [b])",
        "a && b || c → (|| (&& [a] [b]) [c])",
        "a || b && c → (&& (|| [a] [b]) [c])",
        "a; b; c; → (; [a] [b] [c])",
        "a | b && c; d → (; (&& (| [a] [b]) [c]) [d])",
        "! a | b → (! (| [a] [b]))",
        "! a && b → (&& (! [a]) [b])",
        "a && ! b → (&& [a] (! [b]))",
        "a ! b → [a ! b]",
        "{ a; b; } → {(; [a] [b])}",
        "( a; b ) → {(; [a] [b])}",
        "(a;b)|c → (| {(; [a] [b])} [c])",
        "{ a; } > f 2>&1 → {[a] 1>f 2>&1}",
        "{ { a; } ; (b) } → {(; {[a]} {[b]})}",
        "{ { a; } } → {{[a]}}",
        "a } b → [a } b]",
        "a { b → [a { b]",
        "a < f → [a 0<f]",
        "a 0<f → [a 0<f]",
        "<f a >g b → [a b 0<f 1>g]",
        "a >f 2>g → [a 1>f 2>g]",
        "a >>f 2>>g → [a 1>>f 2>>g]",
        "a >|f → [a 1>f]",
        "a 2>&1 >f → [a 2>&1 1>f]",
        "a &>f → [a 1>f 2>&1]",
        "a &>>f → [a 1>>f 2>&1]",
        "a >&2 → [a 1>&2]",
        "a 1>&2 → [a 1>&2]",
        "a <<<b → [a 0<<<b]",
        "a <<< 'b c' → [a 0<<<‹b c›]",
        "a2>f → [a2 1>f]",
        "a 2 >f → [a 2 1>f]",
        "A=b c → [A=b c]",
        "A=b C=d e F=g → [A=b C=d e F=g]",
        "A= b → [A= b]",
        "A='b c' d → [A=‹b c› d]",
        "'A=b' c → [‹A=b› c]",
        "A'='b c → [A+‹=›+b c]",
        "1A=b → [1A=b]",
        "A-B=c → [A-B=c]",
        "A=~:~/b:c~ d → [A=~+:+~+/b:c~ d]",
        "A=~/b d → [A=~+/b d]",
        "A='~' d → [A=‹~› d]",
        "a A=~ → [a A=~]",
        "a # b; c → [a]",
        "a b#c → [a b#c]",
        "a;#b → [a]",
      })
  void scriptIsReadAs(String script, String tree) {
    assertThat(Trees.of(script)).isEqualTo(tree);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '→',
      quoteCharacter = '\u0001',
      value = {
        "'a b' → ‹a b›",
        "\"a b\" → ‹a b›",
        "a'b'c → a+‹b›+c",
        "'' → ‹›",
        "\"\" → ‹›",
        "''a → ‹›+a",
        "\\a → ‹a›",
        "\\' → ‹'›",
        "\\\\ → ‹\\›",
        "a\\ b → a+‹ ›+b",
        "'\\n' → ‹\\n›",
        "'\"' → ‹\"›",
        "\"'\" → ‹'›",
        "\"\\\"\" → ‹\"›",
        "\"\\$A\" → ‹$A›",
        "\"\\`\" → ‹`›",
        "\"\\\\\" → ‹\\›",
        "\"\\a\" → ‹\\a›",
        "$'a\\tb' → ‹a\tb›",
        "$'\\x41\\102\\u00e9\\U0001F600' → ‹AB\u00e9\uD83D\uDE00›",
        "$'\\'\\\"\\\\' → ‹'\"\\›",
        "\"$'a'\" → ‹$'a'›",
        "$ → ‹$›",
        "a$ → a+‹$›",
        "$% → ‹$›+%",
        "\"$\" → ‹$›",
        "$A → $A:VALUE()",
        "$A_1-b → $A_1:VALUE()+-b",
        "\"$A\" → ‹›+‹$A:VALUE()›",
        "${A} → $A:VALUE()",
        "${A}b → $A:VALUE()+b",
        "${#A} → $A:LENGTH()",
        "${A-b} → $A:IF_UNSET(b)",
        "${A:-b c} → $A:IF_EMPTY(b c)",
        "${A+b} → $A:IF_SET(b)",
        "${A:+b} → $A:IF_FILLED(b)",
        "${A:-} → $A:IF_EMPTY()",
        "${A:-'b}'} → $A:IF_EMPTY(‹b}›)",
        "${A:-\\}} → $A:IF_EMPTY(‹}›)",
        "${A:-${B-c}} → $A:IF_EMPTY($B:IF_UNSET(c))",
        "${A:-~/b} → $A:IF_EMPTY(~+/b)",
        "\"${A:-b c}\" → ‹›+‹$A:IF_EMPTY(‹b c›)›",
        "\"${A:-it's}\" → ‹›+‹$A:IF_EMPTY(‹it's›)›",
        "\"${A:-\"b\"}\" → ‹›+‹$A:IF_EMPTY(‹b›)›",
        "{} → {0}",
        "a{}b → a+{0}+b",
        "{}{} → {0}+{1}",
        "\"{}\" → ‹›+{0}",
        "--author={} → --author=+{0}",
        "'{}' → ‹{}›",
        "\\{} → ‹{›+}",
        "{\\} → {+‹}›",
        "$'{}' → ‹{}›",
        "${A:-{}} → $A:IF_EMPTY({0})",
        "~ → ~",
        "~/a → ~+/a",
        "a~ → a~",
        "'~' → ‹~›",
        "\\~ → ‹~›",
        "~- → ~-",
        "{a,b} → {a,b}",
        "*.[ch] → *.[ch]",
      })
  void wordIsReadAs(String word, String parts) {
    // The name of the command before it, so that the word can be anything.
    assertThat(Trees.of("x " + word)).isEqualTo("[x " + parts + "]");
  }

  @Test
  void newlines_separateAndGoOnBehindOperators() {
    assertThat(Trees.of("\n\na\n\nb |\n c &&\n\nd ||\ne\n(\nf\n)\n{\ng\n}\n"))
        .isEqualTo("(; [a] (|| (&& (| [b] [c]) [d]) [e]) {[f]} {[g]})");
  }

  @Test
  void backslashAtTheEndOfALine_joinsLines() {
    assertThat(Trees.of("a \\\n b\\\nc \"d\\\ne\"")).isEqualTo("[a bc ‹de›]");
  }

  @Test
  void comment_endsWithItsLine() {
    assertThat(Trees.of("# one\na # two\n# three\nb")).isEqualTo("(; [a] [b])");
  }

  @Test
  void placeholders_areNumberedInTheirOrder() {
    assertThat(Trees.of("a {} <{} | b x{} >{}")).isEqualTo("(| [a {0} 0<{1}] [b x+{2} 1>{3}])");
  }
}
