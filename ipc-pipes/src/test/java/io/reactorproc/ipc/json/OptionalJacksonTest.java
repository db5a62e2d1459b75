/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.frame.Framing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who does not use this package needs no Jackson. */
class OptionalJacksonTest {
  @Test
  void noOtherPackage_refersToJackson() throws IOException, URISyntaxException {
    Path classes =
        Path.of(Framing.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(classes)) {
      List<Path> using =
          files
              .filter(file -> file.toString().endsWith(".class"))
              .filter(file -> !file.toString().contains("/ipc/json/"))
              .filter(OptionalJacksonTest::refersToJackson)
              .toList();

      assertThat(using).isEmpty();
    }
  }

  private static boolean refersToJackson(Path file) {
    try {
      return new String(Files.readAllBytes(file), ISO_8859_1).contains("com/fasterxml");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
