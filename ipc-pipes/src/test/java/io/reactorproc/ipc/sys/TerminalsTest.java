/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.testkit.EnabledIfFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel does with a pseudo-terminal, as far as the streams rely on it. */
@EnabledIfFile("/dev/ptmx")
final class TerminalsTest {
  private static final int O_RDWR_NOCTTY_NONBLOCK = 2 | 0x100 | 0x800;

  private final Kernel kernel = Kernel.system();
  private final Terminals terminals = Terminals.system();

  @SuppressWarnings("NullAway.Init") // set before each test
  private Descriptor master;

  @BeforeEach
  void open() throws SystemCallException {
    master = Descriptor.own(terminals.open());
  }

  @AfterEach
  void close() {
    master.close();
  }

  private Descriptor openSlave() throws SystemCallException {
    byte[] path = terminals.slave(master.number());
    return Descriptor.own(kernel.open(path, O_RDWR_NOCTTY_NONBLOCK, 0, "open the other side"));
  }

  @Test
  void master_isNotInheritedAndNotTheTerminalOfThisProcess() throws IOException {
    assertThat(kernel.isInheritable(master.number())).isFalse();
    byte[] path = terminals.slave(master.number());
    assertThat(path[path.length - 1]).isZero();
    Path slave = Path.of(new String(path, 0, path.length - 1, StandardCharsets.US_ASCII));
    assertThat(slave).exists().asString().startsWith("/dev/pts/");
    // the terminal of proc(5)'s stat is that of the session, if it has one
    String stat = Files.readString(Path.of("/proc/self/stat"));
    int terminal = Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[4]);
    assertThat(terminal).isNotEqualTo(136 << 8 | Integer.parseInt(slave.getFileName().toString()));
  }

  @Test
  void sizeAndAttributes_areThoseOfTheOtherSide() throws SystemCallException {
    terminals.setSize(master.number(), new TerminalSize(65_535, 40, 1, 2));
    terminals.setAttributes(master.number(), terminals.attributes(master.number()).raw());

    try (Descriptor slave = openSlave()) {
      assertThat(terminals.size(slave.number())).isEqualTo(new TerminalSize(65_535, 40, 1, 2));
      TerminalAttributes raw = terminals.attributes(slave.number());
      assertThat(raw).isEqualTo(terminals.attributes(master.number()));
      assertThat(raw.isCooked()).isFalse();
      assertThat(raw.echoes()).isFalse();
      assertThat(raw.sendsSignals()).isFalse();
      assertThat(raw.cooked().withEcho().isCooked()).isTrue();
    }
  }

  @Test
  void attributes_changeOnlyWhatTheyAreAskedTo() throws SystemCallException {
    TerminalAttributes fresh = terminals.attributes(master.number());

    assertThat(fresh.withoutEcho()).isNotEqualTo(fresh);
    assertThat(fresh.withoutEcho().withEcho()).isEqualTo(fresh).hasSameHashCodeAs(fresh);
    assertThat(fresh.character(TerminalKey.INTERRUPT)).isEqualTo((byte) 3);
    assertThat(fresh.character(TerminalKey.QUIT)).isEqualTo((byte) 28);
    assertThat(fresh.character(TerminalKey.END_OF_FILE)).isEqualTo((byte) 4);
    assertThat(fresh.character(TerminalKey.SUSPEND)).isEqualTo((byte) 26);
    assertThat(fresh).hasToString("cooked, echo");
    assertThat(fresh.raw()).hasToString("not cooked, no echo");
  }

  /** The reason for poll(2) in the place of FIONREAD. */
  @Test
  void whatWaitsBehindThePieceAtHand_isSeenByPollOnly() throws SystemCallException {
    terminals.setAttributes(master.number(), terminals.attributes(master.number()).raw());
    assertThat(terminals.isReadable(master.number())).isFalse();
    try (Descriptor slave = openSlave()) {
      int written = 0;
      while (terminals.write(slave.number(), (byte) 'x')) {
        written++;
      }
      assertThat(written).isGreaterThan(4096);
      assertThat(terminals.isReadable(master.number())).isTrue();
      assertThat(kernel.available(master.number())).isLessThan(written);
    }
    assertThat(terminals.isReadable(master.number())).isTrue();
  }

  @Test
  void inputThatNobodyReads_isDroppedWhereverItIs() throws SystemCallException {
    try (Descriptor slave = openSlave()) {
      int fits = 0;
      while (terminals.write(master.number(), (byte) (fits % 10 == 9 ? '\n' : 'x'))) {
        fits++;
      }
      assertThat(fits).isGreaterThan(4096);

      terminals.discardInput(master.number());

      assertThat(terminals.isReadable(slave.number())).isFalse();
      assertThat(terminals.write(master.number(), (byte) '\n')).isTrue();
      assertThat(terminals.isReadable(slave.number())).isTrue();
    }
  }

  @Test
  void whatIsNoTerminal_isToldSo() throws SystemCallException {
    try (Descriptor none =
        Descriptor.own(
            kernel.open("/dev/null\0".getBytes(StandardCharsets.US_ASCII), 0, 0, "have one"))) {
      assertThat(terminals.isTerminal(none.number())).isFalse();
      assertThat(terminals.isTerminal(master.number())).isTrue();
      assertThatThrownBy(() -> terminals.attributes(none.number()))
          .isInstanceOfSatisfying(
              SystemCallException.class, e -> assertThat(e.is(Errno.ENOTTY)).isTrue());
      assertThatThrownBy(() -> terminals.size(none.number()))
          .isInstanceOf(SystemCallException.class);
      assertThatThrownBy(() -> terminals.slave(none.number()))
          .isInstanceOfSatisfying(
              SystemCallException.class, e -> assertThat(e.is(Errno.ENOTTY)).isTrue());
    }
  }
}
