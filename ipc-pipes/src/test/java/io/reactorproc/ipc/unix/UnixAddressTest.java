/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What may be an address: checked when it is made, in bytes. */
final class UnixAddressTest {
  @Test
  void aPathOf107Bytes_fits() {
    String longest = "/" + "x".repeat(106);
    assertThat(UnixAddress.of(longest).path()).contains(Path.of(longest));
  }

  @Test
  void aPathOf108Bytes_isTooLong() {
    assertThatExceptionOfType(InvalidUnixAddressException.class)
        .isThrownBy(() -> UnixAddress.of("/" + "x".repeat(107)))
        .withMessageContaining("at most 107 bytes")
        .withMessageContaining("108");
  }

  @Test
  void aPathIsMeasuredInBytes_notInCharacters() {
    assertThatExceptionOfType(InvalidUnixAddressException.class)
        .isThrownBy(() -> UnixAddress.abstractName("ü".repeat(54)))
        .withMessageContaining("108");
    assertThat(UnixAddress.abstractName("ü".repeat(53)).isAbstract()).isTrue();
  }

  @Test
  void nothing_isNoAddress() {
    assertThatExceptionOfType(InvalidUnixAddressException.class)
        .isThrownBy(() -> UnixAddress.of(""));
    assertThatExceptionOfType(InvalidUnixAddressException.class)
        .isThrownBy(() -> UnixAddress.abstractName(""));
    assertThatExceptionOfType(InvalidUnixAddressException.class)
        .isThrownBy(() -> UnixServer.at(UnixAddress.UNNAMED));
    assertThatExceptionOfType(InvalidUnixAddressException.class)
        .isThrownBy(() -> UnixClient.to(UnixAddress.UNNAMED));
  }

  @Test
  void aNulInAPath_isRefused_soThatAbstractNamesAreAskedFor() {
    assertThatExceptionOfType(InvalidUnixAddressException.class)
        .isThrownBy(() -> UnixAddress.of("\0name"));
    assertThat(UnixAddress.of("@name").isAbstract()).isFalse();
  }

  @Test
  void equalAddresses_haveTheSameBytes() {
    assertThat(UnixAddress.of("/run/a")).isEqualTo(UnixAddress.of(Path.of("/run/a")));
    assertThat(UnixAddress.of("/run/a")).hasSameHashCodeAs(UnixAddress.of("/run/a"));
    assertThat(UnixAddress.of("/run/a")).isNotEqualTo(UnixAddress.abstractName("/run/a"));
    assertThat(UnixAddress.abstractName("a")).hasToString("@a");
    assertThat(UnixAddress.UNNAMED).hasToString("unnamed");
  }
}
