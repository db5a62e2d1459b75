/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The text of a notification. */
class NotificationParserTest {
  private static final NotifySender SENDER = new NotifySender(1, 2, 3);

  private static NotificationParser parser(String text) {
    return new NotificationParser(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Notification message(String text) {
    return new Notification(SENDER, parser(text).parse(), 0);
  }

  private static int malformed(String text) {
    NotificationParser parser = parser(text);
    parser.parse();
    return parser.malformed();
  }

  @Test
  void assignments_areReadInTheirOrder() {
    Map<String, String> values =
        parser("READY=1\nSTATUS=a = b, ünïcode\nX_OWN=\n\nMAINPID=42\n").parse();

    assertThat(values)
        .containsExactly(
            Map.entry("READY", "1"),
            Map.entry("STATUS", "a = b, ünïcode"),
            Map.entry("X_OWN", ""),
            Map.entry("MAINPID", "42"));
  }

  @Test
  void typedParts_areThere() {
    Notification message =
        message(
            "READY=1\nSTATUS=up\nMAINPID=42\nERRNO=2\nWATCHDOG=1\nWATCHDOG_USEC=1500000\n"
                + "EXTEND_TIMEOUT_USEC=250\nMONOTONIC_USEC=7");

    assertThat(message.isReady()).isTrue();
    assertThat(message.isKeepAlive()).isTrue();
    assertThat(message.isStopping() || message.isReloading()).isFalse();
    assertThat(message.isWatchdogTrigger()).isFalse();
    assertThat(message.status()).contains("up");
    assertThat(message.mainPid()).hasValue(42);
    assertThat(message.errno()).hasValue(2);
    assertThat(message.watchdogTimeout()).contains(Duration.ofMillis(1500));
    assertThat(message.extendTimeout()).contains(Duration.ofNanos(250_000));
    assertThat(message.monotonic()).contains(Duration.ofNanos(7_000));
    assertThat(message("WATCHDOG=trigger").isWatchdogTrigger()).isTrue();
    assertThat(message("RELOADING=1\nSTOPPING=1").isReloading()).isTrue();
    assertThat(message("STATUS=x").mainPid()).isEmpty();
  }

  @Test
  void nameThatComesTwice_countsOnce() {
    assertThat(message("STATUS=first\nSTATUS=second").status()).contains("first");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "READY",
        "=1",
        "READY=",
        "READY=yes",
        "READY=11",
        "STOPPING=0",
        "MAINPID=0",
        "MAINPID=-1",
        "MAINPID=99999999999",
        "MAINPID=1x",
        "ERRNO=-5",
        "ERRNO=ENOENT",
        "WATCHDOG=2",
        "WATCHDOG_USEC=-1",
        "WATCHDOG_USEC=+1",
        "WATCHDOG_USEC=1s",
        "EXTEND_TIMEOUT_USEC=",
        "WATCHDOG_USEC=99999999999999999999999",
        "BARRIER=2",
        "FDSTORE=x"
      })
  void lineThatCannotBe_isLeftOutAndCountedAndTheRestIsKept(String line) {
    NotificationParser parser = parser("STATUS=kept\n" + line + "\nX=y");

    assertThat(parser.parse()).containsOnlyKeys("STATUS", "X");
    assertThat(parser.malformed()).isOne();
  }

  @Test
  void textThatIsNotUtf8_isLeftOutAndCounted() {
    byte[] bytes = "READY=1\nSTATUS=?\nX=y".getBytes(StandardCharsets.US_ASCII);
    bytes[15] = (byte) 0xff;
    NotificationParser parser = new NotificationParser(bytes);

    assertThat(parser.parse()).containsOnlyKeys("READY", "X");
    assertThat(parser.malformed()).isOne();
  }

  @Test
  void nulInside_isNoMessage_andOneAtTheEndIsNothing() {
    assertThat(parser("READY=1\0STATUS=x").parse()).isEmpty();
    assertThat(malformed("READY=1\0STATUS=x")).isOne();
    assertThat(parser("READY=1\0").parse()).containsOnlyKeys("READY");
    assertThat(malformed("READY=1\0")).isZero();
    assertThat(parser("\0").parse()).isEmpty();
    assertThat(parser("").parse()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, PT0S", "1, PT0.000001S", "18446744073709551615, PT2562047788H"})
  void timesOf64Bits_areRead(String text, Duration atLeast) {
    assertThat(message("WATCHDOG_USEC=" + text).watchdogTimeout().orElseThrow())
        .isGreaterThanOrEqualTo(atLeast);
  }

  @Test
  void whateverBytesCome_nothingIsThrown() {
    Random random = new Random(7);
    byte[] alphabet = "READY=1\nSTATUS\0MAINPID=9\u00fcX_=".getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      for (int at = 0; at < bytes.length; at++) {
        bytes[at] = alphabet[random.nextInt(alphabet.length)];
      }
      NotificationParser parser = new NotificationParser(bytes);
      Notification message = new Notification(SENDER, parser.parse(), 0);
      assertThat(message.mainPid().orElse(1)).isPositive();
      assertThat(message.errno().orElse(0)).isNotNegative();
    }
  }
}
