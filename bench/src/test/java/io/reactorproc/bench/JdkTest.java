/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class JdkTest {
  @Test
  void version_isReadFromTheFileRelease() throws Exception {
    assertThat(Jdk.versionOf(List.of("IMPLEMENTOR=\"x\"", "JAVA_VERSION=\"25.0.1\"")))
        .isEqualTo("25.0.1");
  }

  @Test
  void feature_isTheFirstNumber() {
    assertThat(new Jdk(Path.of("/jdk"), "26-ea").feature()).isEqualTo(26);
  }

  @Test
  void nativeAccess_isGrantedWhereItIsAsked() {
    String option = "--enable-native-access=ALL-UNNAMED";

    assertThat(new Jdk(Path.of("/jdk"), "17.0.1").java(0)).doesNotContain(option);
    assertThat(new Jdk(Path.of("/jdk"), "25.0.1").java(0)).contains(option);
  }
}
