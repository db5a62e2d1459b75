/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The child's argument vector is exactly the command's. */
class ArgumentsTest {
  /** Prints each of its arguments with a NUL behind it. */
  private static final Command PRINT = Command.of("printf", "%s\\0");

  @Test
  void arguments_arriveByteForByte() {
    String[] arguments = {
      "plain",
      "",
      " ",
      "two words",
      "'",
      "\"",
      "\\",
      "$HOME",
      "`id`",
      "*",
      "~",
      "a\nb",
      "\t",
      "-n",
      "--",
      "é",
      "漢字",
      "😀",
      "\u0001",
      "\u007f",
      "x=y",
      "#",
      ";",
      "&",
      "|",
      ""
    };

    assertThat(printed(PRINT.args(arguments))).containsExactly(arguments);
  }

  @Test
  void argumentOf100Kilobytes_arrivesWhole() {
    String large = "0123456789".repeat(10_000);

    assertThat(printed(PRINT.args(large))).containsExactly(large);
  }

  @Test
  void tenThousandArguments_arriveInOrder() {
    String[] many = IntStream.range(0, 10_000).mapToObj(i -> "a" + i).toArray(String[]::new);

    assertThat(printed(PRINT.args(many))).containsExactly(many);
  }

  @Test
  void argv0_isWhatTheProgramSeesAsItsName() {
    Command command = Command.of("sh", "-c", "echo \"$0\"").argv0("another name");

    assertThat(command.text().block(Limits.SOON)).isEqualTo("another name\n");
  }

  @Test
  void shell_takesDataAsArgumentsAndDoesNotReadIt() {
    Command command = Command.shell("printf '%s|' \"$0\" \"$@\"").args("name", "$(id)", "a  b", "");

    assertThat(command.text().block(Limits.SOON)).isEqualTo("name|$(id)|a  b||");
  }

  @Test
  void change_leavesTheCommandItIsMadeFrom() {
    Command first = Command.of("echo", "a");
    Command second = first.args("b").env("X", "1").stderr(Output.discard());

    assertThat(first.argv()).containsExactly("echo", "a");
    assertThat(second.argv()).containsExactly("echo", "a", "b");
    assertThat(first.text().block(Limits.SOON)).isEqualTo("a\n");
    assertThat(second.text().block(Limits.SOON)).isEqualTo("a b\n");
  }

  @Test
  void listAndArray_areCopied() {
    List<String> argv = new ArrayList<>(List.of("echo", "a"));
    String[] more = {"b"};
    Command command = Command.of(argv).args(more);
    argv.set(1, "changed");
    more[0] = "changed";

    assertThat(command.argv()).containsExactly("echo", "a", "b");
    assertThatThrownBy(() -> command.argv().add("c"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void text_isEscapedForAShell() {
    Command command = Command.of("a", "b c", "", "it's", "x\ny\u0001", "é", "k=v");

    assertThat(command).hasToString("a 'b c' '' 'it'\\''s' $'x\\ny\\x01' 'é' k=v");
  }

  @Test
  void text_readByAShell_isTheSameArgumentVector() {
    // Without control characters, for which bash's $'...' is needed.
    String[] arguments = {"b c", "", "it's", "$HOME", "\\", "\"", "*", "é", "~", "!"};
    String line = PRINT.args(arguments).toString();

    assertThat(printed(Command.shell(line))).containsExactly(arguments);
  }

  private static List<String> printed(Command command) {
    byte[] bytes = Objects.requireNonNull(command.output().block(Limits.SOON)).stdout();
    String[] parts = new String(bytes, StandardCharsets.UTF_8).split("\0", -1);
    return Arrays.asList(parts).subList(0, parts.length - 1);
  }
}
