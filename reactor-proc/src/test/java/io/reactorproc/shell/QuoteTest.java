/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.shell.Node.Simple;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What {@link Shell#quote} makes is read back as what it was made from. */
class QuoteTest {

  private static List<String> read(String script) {
    Parsed parsed = Parsed.of(script, new Object[0]);
    List<Field> fields =
        new Expander(parsed.values(), Map.of()).fields(((Simple) parsed.tree()).words());
    assertThat(fields).noneMatch(Field::isGlob);
    return fields.stream().map(Field::text).toList();
  }

  @Test
  void quotedText_isReadAsItself() {
    Random random = new Random(5);
    String characters = "ab '\"\\$`{}()[]*?~#!&|;<>=\n\t\ré\u20ac-.";
    for (int i = 0; i < 4_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(8); j > 0; j--) {
        text.append(characters.charAt(random.nextInt(characters.length())));
      }
      assertThat(read("x " + Shell.quote(text.toString()) + " y"))
          .containsExactly("x", text.toString(), "y");
    }
  }

  @Test
  void plainText_staysPlain() {
    assertThat(Shell.quote("a-b_c.d/e:f=1,2@3%4+5")).isEqualTo("a-b_c.d/e:f=1,2@3%4+5");
    assertThat(Shell.quote("")).isEqualTo("''");
    assertThat(Shell.quote("it's")).isEqualTo("'it'\\''s'");
    assertThat(Shell.quote("{}")).isEqualTo("'{}'");
  }

  @Test
  void nul_isRefused() {
    assertThatThrownBy(() -> Shell.quote("a\0")).isInstanceOf(IllegalArgumentException.class);
  }
}
