/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScreenModesTest {
  private final ScreenModes modes = new ScreenModes();

  private void show(String text) {
    modes.follow(ByteBuffer.wrap(text.replace('^', '\033').getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "text | ''",
        "^[?1049h | ^[?1049l",
        "^[?1049h^[?1049l | ''",
        "^[?25l | ^[?25h",
        "^[?25l^[?25h | ''",
        "^[?7h^[?25h | ''",
        "^[?1000;1006h^[?2004h | ^[?1000l^[?1006l^[?2004l",
        "^[31m | ^[0m",
        "^[2J^[10;20H^[?1h^= | ^[?1l",
        "^[?99999999999h | ''",
        "^^[?5h | ^[?5l"
      })
  void whatWasChanged_isChangedBack(String shown, String undo) {
    show(shown);

    assertThat(modes.undo().replace('\033', '^')).isEqualTo(undo);
  }

  @Test
  void sequence_mayLieAcrossPieces() {
    for (String piece : "^[?1049;25h".split("", -1)) {
      show(piece);
    }

    assertThat(modes.undo()).isEqualTo("\033[?1049l");
    assertThat(modes.redo()).isEqualTo("\033[?1049h");
  }
}
