/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One block of {@code comparison.txt}.
 *
 * @param flags what stands in brackets behind the name
 */
record Comparison(String name, List<String> flags, String script) {

  static List<Comparison> all() {
    String text;
    try (InputStream file = Comparison.class.getResourceAsStream("comparison.txt")) {
      if (file == null) {
        throw new AssertionError("comparison.txt is missing");
      }
      text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Comparison> all = new ArrayList<>();
    String[] blocks = text.split("(?m)^=== ", -1);
    for (int i = 1; i < blocks.length; i++) {
      int end = blocks[i].indexOf('\n');
      all.add(of(blocks[i].substring(0, end), blocks[i].substring(end + 1)));
    }
    return all;
  }

  private static Comparison of(String head, String script) {
    int flags = head.indexOf(" [");
    return flags < 0
        ? new Comparison(head, List.of(), script)
        : new Comparison(
            head.substring(0, flags), List.of(head.substring(flags + 1).split(" ", -1)), script);
  }

  boolean isForBash() {
    return flags.contains("[bash]");
  }

  boolean shellComplains() {
    return flags.contains("[says]");
  }

  @Override
  public String toString() {
    return name;
  }
}
