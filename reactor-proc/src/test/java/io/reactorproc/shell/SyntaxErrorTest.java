/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused, where, and with which advice. */
class SyntaxErrorTest {

  /** Script, line, column, what the message has to say. {@code ␤} is a newline. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '→',
      quoteCharacter = '\u0001',
      value = {
        "echo $(date) → 1 → 6 → give its text as a value",
        "echo \"a $(date)\" → 1 → 9 → command substitution",
        "echo `date` → 1 → 6 → command substitution",
        "echo \"`date`\" → 1 → 7 → command substitution",
        "echo $((1+1)) → 1 → 6 → calculate in Java",
        "((a)) → 1 → 1 → calculate in Java",
        "sleep 1 & → 1 → 9 → subscribe to two scripts",
        "a & b → 1 → 3 → background",
        "foo() { a; } → 1 → 1 → write a method in Java",
        "a b(c) → 1 → 3 → functions",
        "A=(b c) d → 1 → 1 → arrays",
        "if a; then b; fi → 1 → 1 → decide with && and ||",
        "a; while b; do c; done → 1 → 4 → loop in Java",
        "for x in a b; do c; done → 1 → 1 → loop in Java",
        "until a; do b; done → 1 → 1 → loop in Java",
        "case a in b) c;; esac → 1 → 1 → choose in Java",
        "a;; → 1 → 2 → case",
        "[[ a == b ]] → 1 → 1 → test",
        "function f { a; } → 1 → 1 → write a method",
        "cd /tmp → 1 → 1 → Script.directory",
        "cd /tmp && ls → 1 → 1 → Script.directory",
        "ls && 'cd' .. → 1 → 7 → Script.directory",
        "export A=b → 1 → 1 → Script.env",
        "unset A → 1 → 1 → Script.withoutEnv",
        "a | read b → 1 → 5 → subscribe to lines()",
        "set -e → 1 → 1 → no options",
        "eval a → 1 → 1 → eval",
        "exec a → 1 → 1 → leave it out",
        "command a → 1 → 1 → leave it out",
        "a || exit 1 → 1 → 6 → sh -c 'exit N'",
        "trap a INT → 1 → 1 → Signals",
        "wait → 1 → 1 → background",
        ". file → 1 → 1 → Command.shell",
        "source file → 1 → 1 → Command.shell",
        "ulimit -n 5 → 1 → 1 → prlimit",
        "umask 077 → 1 → 1 → umask",
        "alias a=b → 1 → 1 → write the command out",
        "type ls → 1 → 1 → which",
        "A=b → 1 → 1 → Script.env",
        "a; A=b; c → 1 → 4 → assignment without a command",
        "> f → 1 → 1 → write : before it",
        "cat <<EOF␤a␤EOF → 1 → 5 → <<<",
        "cat <<-EOF → 1 → 5 → here-documents",
        "a <(b) → 1 → 3 → process substitution",
        "a >(b) → 1 → 3 → process substitution",
        "a <>f → 1 → 3 → <>",
        "a <&3 → 1 → 3 → <&",
        "a >&- → 1 → 3 → /dev/null",
        "a 2>&- → 1 → 3 → /dev/null",
        "a 2>&3 → 1 → 3 → 1 or 2",
        "a >&f → 1 → 3 → &> file",
        "a 3>f → 1 → 3 → output() of a Command",
        "a 10>f → 1 → 3 → output() of a Command",
        "a 0>f → 1 → 3 → cannot be written to",
        "a 1<f → 1 → 3 → only descriptor 0",
        "echo $? → 1 → 6 → give a value",
        "echo $1 → 1 → 6 → give a value",
        "echo \"$@\" → 1 → 7 → give a value",
        "echo $$ → 1 → 6 → give a value",
        "echo ${A%b} → 1 → 6 → this form",
        "echo ${A#b} → 1 → 6 → this form",
        "echo ${A/b/c} → 1 → 6 → this form",
        "echo ${A:=b} → 1 → 6 → this form",
        "echo ${A:?b} → 1 → 6 → this form",
        "echo ${A:1} → 1 → 6 → this form",
        "echo ${#A-b} → 1 → 6 → this form",
        "echo ${A b} → 1 → 6 → this form",
        "echo ${} → 1 → 6 → only ${NAME...}",
        "echo ${1} → 1 → 6 → only ${NAME...}",
        "echo ${!A} → 1 → 6 → only ${NAME...}",
        "echo ${A → 1 → 6 → never closed",
        "echo ${A:-b → 1 → 6 → never closed",
        "echo \"${A\" → 1 → 7 → this form",
        "echo 'a → 1 → 6 → never closed",
        "echo \"a → 1 → 6 → never closed",
        "echo $'a → 1 → 6 → never closed",
        "echo $\"a\" → 1 → 6 → leave out the $",
        "echo $'\\q' → 1 → 8 → escape is unknown",
        "echo $'\\x' → 1 → 8 → wants digits",
        "echo $'\\xff' → 1 → 8 → \\uHHHH",
        "echo $'\\0' → 1 → 8 → NUL",
        "echo a\\ → 1 → 7 → escapes nothing",
        "~root/a → 1 → 1 → ~user",
        "( a → 1 → 1 → never closed",
        "{ a; → 1 → 1 → never closed",
        "{ a } → 1 → 1 → behind ; or a newline",
        "a ) → 1 → 3 → expected before )",
        "( a } → 1 → 1 → never closed",
        "( ) → 1 → 3 → expected before )",
        "{ } → 1 → 3 → expected before }",
        "} → 1 → 1 → expected before }",
        "(a) b → 1 → 5 → operator is expected",
        "{ a; } b → 1 → 8 → operator is expected",
        "| a → 1 → 1 → expected before |",
        "a | → 1 → 4 → expected before the end of the script",
        "a && → 1 → 5 → expected before the end of the script",
        "a || | b → 1 → 6 → expected before |",
        "a && && b → 1 → 6 → expected before &&",
        "; a → 1 → 1 → expected before ;",
        "a ; ; b → 1 → 5 → expected before ;",
        "! → 1 → 2 → expected before the end",
        "! ! a → 1 → 3 → expected before !",
        "a | ! b → 1 → 5 → expected before !",
        "a > → 1 → 4 → target of > is missing",
        "a > | b → 1 → 5 → target of > is missing",
        "a <<< → 1 → 6 → target of <<< is missing",
        "# nothing → 1 → 10 → nothing to run",
        "a␤b␤  c $(d)␤e → 3 → 5 → command substitution",
        "a␤␤|b → 3 → 1 → expected before |",
      })
  void isRefused(String script, int line, int column, String advice) {
    ShellSyntaxException refused = refused(script.replace('␤', '\n'));

    assertThat(refused).hasMessageContaining(advice);
    assertThat(refused.line() + ":" + refused.column()).isEqualTo(line + ":" + column);
    assertThat(refused).hasMessageStartingWith("line " + line + ", column " + column + ": ");
  }

  private static ShellSyntaxException refused(String script, Object... values) {
    return catchThrowableOfType(ShellSyntaxException.class, () -> Parsed.of(script, values));
  }

  @Test
  void message_showsThePlace() {
    assertThat(refused("ls |\n\twc $(x) | sort"))
        .hasMessageEndingWith("\n   wc $(x) | sort\n      ^");
  }

  @Test
  void message_cutsALongLine() {
    String message = String.valueOf(refused("a".repeat(500) + " `" + "b".repeat(500)).getMessage());

    String[] lines = message.split("\n", -1);
    assertThat(lines[1]).hasSizeLessThan(90).startsWith("  ...a").endsWith("b...");
    assertThat(lines[1].charAt(lines[2].indexOf('^'))).isEqualTo('`');
  }

  @Test
  void emptyScript_isRefused() {
    assertThat(refused("")).hasMessageContaining("nothing to run");
    assertThat(refused(" \n\n # a\n")).hasMessageContaining("nothing to run");
  }

  @Test
  void nulInTheScript_isRefused() {
    assertThat(refused("a\0b")).hasMessageContaining("NUL");
  }

  @Test
  void tooFewValues_areRefusedAtTheFirstPlaceholderWithoutOne() {
    assertThat(refused("a {} {} {}", 1)).hasMessageContaining("line 1, column 6");
  }

  @Test
  void tooManyValues_areRefused() {
    assertThat(refused("a {}", 1, 2)).hasMessageContaining("number of values, 2");
    assertThat(refused("a '{}'", 1)).hasMessageContaining("a literal {} is written '{}'");
  }

  @Test
  void deepNesting_isRefused() {
    assertThat(refused("( ".repeat(100_000))).hasMessageContaining("too deeply");
    assertThat(refused("{ ".repeat(100_000))).hasMessageContaining("too deeply");
    assertThat(refused("a " + "${A:-".repeat(100_000))).hasMessageContaining("too deeply");
    assertThat(refused("a " + "\"${A:-".repeat(100_000))).hasMessageContaining("too deeply");
  }

  /** Whatever is thrown at it, the answer is a tree or the typed error. */
  @Test
  void randomInput_isReadOrRefused() {
    String[] pieces = {
      "a", "b", " ", " ", "\n", ";", "&", "&&", "|", "||", "|&", "<", ">", ">>", "<<<", "2>", "&>",
      "2>&1", "'", "\"", "\\", "$", "${", "}", "{", "{}", "(", ")", "!", "~", "*", "[", "]", "#",
      "A=", ":-", "$A", "$'", "\\x", "`", "=", ":", "-", "1", "é", "\uD83D", "\t", "\r", "cd"
    };
    Random random = new Random(4);
    int read = 0;
    for (int i = 0; i < 40_000; i++) {
      StringBuilder script = new StringBuilder();
      for (int j = random.nextInt(14); j >= 0; j--) {
        script.append(pieces[random.nextInt(pieces.length)]);
      }
      try {
        new Parser(new Source(script.toString())).script();
        read++;
      } catch (ShellSyntaxException refused) {
        if (refused.line() < 1 || refused.column() < 1) {
          throw new AssertionError("no place, for the script: " + script, refused);
        }
      } catch (RuntimeException | StackOverflowError other) {
        throw new AssertionError("for the script: " + script, other);
      }
    }
    assertThat(read).isPositive();
  }

  @Test
  void valueOfNoText_isRefusedAtItsPlaceholder() {
    assertThat(refused("a {} {}", 1, new Object()))
        .hasMessageContaining("column 6")
        .hasMessageContaining("java.lang.Object is no value");
    assertThatThrownBy(() -> Parsed.of("a {}", "b\0c"))
        .isInstanceOf(ShellSyntaxException.class)
        .hasMessageContaining("NUL");
  }
}
