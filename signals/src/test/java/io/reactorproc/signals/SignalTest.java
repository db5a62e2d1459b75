/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalTest {
  static Stream<Signal> standard() {
    return IntStream.rangeClosed(1, 31).mapToObj(Signal::of);
  }

  static Stream<Signal> all() {
    return IntStream.rangeClosed(1, 64).mapToObj(Signal::of);
  }

  @ParameterizedTest
  @MethodSource("standard")
  void standardSignals_haveTheNumbersTheVirtualMachineKnows(Signal signal) {
    String shortName = signal.name().substring("SIG".length());

    assertThat(new sun.misc.Signal(shortName).getNumber()).isEqualTo(signal.number());
  }

  @ParameterizedTest
  @MethodSource("standard")
  void constants_areCalledLikeTheSignal(Signal signal) throws ReflectiveOperationException {
    assertThat(Signal.class.getField(signal.name()).get(null)).isSameAs(signal);
  }

  @ParameterizedTest
  @MethodSource("all")
  void parse_readsEachNameAndNumberBack(Signal signal) {
    assertThat(Signal.parse(signal.name())).isSameAs(signal);
    assertThat(Signal.parse(Integer.toString(signal.number()))).isSameAs(signal);
  }

  @ParameterizedTest
  @CsvSource({
    "TERM, 15",
    "SIGTERM, 15",
    "sigterm, 15",
    "15, 15",
    "RTMIN, 34",
    "SIGRTMIN+3, 37",
    "rtmin+30, 64",
    "RTMAX, 64",
    "SIGRTMAX-1, 63",
    "CLD, 17",
    "POLL, 29",
    "IOT, 6",
  })
  void parse_readsWhatPeopleWrite(String text, int number) {
    assertThat(Signal.parse(text).number()).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "SIG",
        "0",
        "65",
        "-1",
        "+9",
        "999999999999",
        "TERM ",
        "NOPE",
        "SIGSIGTERM",
        "RTMIN+31",
        "RTMIN-1",
        "RTMAX-31",
        "RTMAX+1",
        "RTMIN+",
        "SIG15"
      })
  void parse_namesTheTextItCannotRead(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Signal.parse(text))
        .withMessageContaining("\"" + text + "\"");
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 65})
  void of_refusesNumbersThatAreNoSignal(int number) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Signal.of(number))
        .withMessageContaining(Integer.toString(number));
  }

  @Test
  void realTime_countsFromTheFirstThatGlibcLeaves() {
    assertThat(Signal.realTime(0)).isSameAs(Signal.of(34)).hasToString("SIGRTMIN");
    assertThat(Signal.realTime(30)).isSameAs(Signal.of(64)).hasToString("SIGRTMIN+30");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 31})
  void realTime_refusesWhatIsPastTheEnds(int n) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Signal.realTime(n))
        .withMessageContaining("SIGRTMIN+" + n);
  }

  @Test
  void order_isByNumber() {
    assertThat(Stream.of(Signal.SIGTERM, Signal.realTime(1), Signal.SIGHUP).sorted())
        .containsExactly(Signal.SIGHUP, Signal.SIGTERM, Signal.realTime(1));
  }
}
