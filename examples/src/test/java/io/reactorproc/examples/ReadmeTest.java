/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README shows is what compiles. */
class ReadmeTest {
  private static final Pattern IN_README = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern IN_SOURCE = Pattern.compile("(?s)// snippet: \\S+\n(.*?)// end\n");

  @Test
  void javaOfTheReadme_isWhatTheCompilerHasSeen() throws IOException {
    Path source = Path.of("src/main/java/io/reactorproc/examples/ReadmeSnippets.java");
    List<String> shown = blocks(IN_README, Path.of("../README.md"));
    List<String> compiled = blocks(IN_SOURCE, source);

    assertThat(shown).isNotEmpty().containsExactlyInAnyOrderElementsOf(compiled);
  }

  private static List<String> blocks(Pattern pattern, Path file) throws IOException {
    List<String> blocks = new ArrayList<>();
    Matcher matcher = pattern.matcher(Files.readString(file));
    while (matcher.find()) {
      blocks.add(matcher.group(1).replaceAll("\\s+", " ").strip());
    }
    return blocks;
  }
}
