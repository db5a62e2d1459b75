/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.shell.Node.Simple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files globs find. */
class GlobsTest {
  @TempDir Path directory;

  @BeforeEach
  void files() throws IOException {
    for (String file :
        List.of("a.c", "b.c", "a.h", ".hid", "B", "x y", "s*r", "d/one", "d/two", "e/one", "é")) {
      Path path = directory.resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, "");
    }
    Files.createSymbolicLink(directory.resolve("l"), Path.of("d"));
    Files.createSymbolicLink(directory.resolve("n"), Path.of("nowhere"));
  }

  private List<String> arguments(String words) {
    Parsed parsed = Parsed.of("x " + words, new Object[0]);
    List<Word> all = ((Simple) parsed.tree()).words();
    List<Field> fields = new Expander(parsed.values(), Map.of()).fields(all);
    return new Globs(directory).arguments(fields.subList(1, fields.size()));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '→',
      quoteCharacter = '\u0001',
      value = {
        "*.c → a.c|b.c",
        "* → B|a.c|a.h|b.c|d|e|l|n|s*r|x y|é",
        ".h* → .hid",
        "*hid → *hid",
        "[.]hid → [.]hid",
        "?.c → a.c|b.c",
        "? → B|d|e|l|n|é",
        "[ab].? → a.c|a.h|b.c",
        "[!a].c → b.c",
        "[^a].c → b.c",
        "[a-b].c → a.c|b.c",
        "[[:upper:]] → B",
        "[[:digit:]]* → [[:digit:]]*",
        "[]a].c → a.c",
        "[a → [a",
        "a.[c → a.[c",
        "'*'.c → *.c",
        "\\*.c → *.c",
        "a'.'* → a.c|a.h",
        "s'*'* → s*r",
        "s[*]r → s*r",
        "[\\!a]* → a.c|a.h",
        "[a'-'c].c → a.c",
        "d/* → d/one|d/two",
        "*/one → d/one|e/one|l/one",
        "*/ → d/|e/|l/",
        "d//* → d//one|d//two",
        "./d/t* → ./d/two",
        "*/none → */none",
        "none/* → none/*",
        "a.c/* → a.c/*",
        "n* → n",
        "*.c *.h z* → a.c|b.c|a.h|z*",
        "** → B|a.c|a.h|b.c|d|e|l|n|s*r|x y|é",
        "*'x'*' '* → x y",
      })
  void globFinds(String glob, String files) {
    assertThat(String.join("|", arguments(glob))).isEqualTo(files);
  }

  @Test
  void absoluteGlob_isNotRelativeToTheDirectory() {
    assertThat(arguments(Shell.quote(directory.toString()) + "/*.h"))
        .containsExactly(directory + "/a.h");
    assertThat(arguments("/e*c/passw?")).containsExactly("/etc/passwd");
  }

  @Test
  @Timeout(10)
  void manyStars_takeNoMoreThanPatternTimesName() {
    Field field = new Field("*a".repeat(500) + "b", new BitSet());

    assertThat(new GlobPattern(field).matches("a".repeat(20_000))).isFalse();
  }
}
