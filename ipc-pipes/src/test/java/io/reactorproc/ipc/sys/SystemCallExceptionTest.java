/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;

final class SystemCallExceptionTest {
  @Test
  void theMessage_saysCallPurposeAndError() {
    SystemCallException failure =
        new SystemCallException("pipe2", Errno.EMFILE.intValue(), "open the pipe of stdout");

    assertThat(failure)
        .hasMessage("pipe2 failed to open the pipe of stdout: EMFILE (Too many open files)");
    assertThat(failure.call()).isEqualTo("pipe2");
    assertThat(failure.purpose()).isEqualTo("open the pipe of stdout");
    assertThat(failure.errno()).isEqualTo(24);
    assertThat(failure.errnoName()).isEqualTo("EMFILE");
    assertThat(failure.is(Errno.EMFILE)).isTrue();
    assertThat(failure.is(Errno.ENFILE)).isFalse();
  }

  @Test
  void anUnknownNumber_isKept() {
    SystemCallException failure = new SystemCallException("read", 4095, "read a stream");

    assertThat(failure.errnoName()).isEqualTo("errno 4095");
    assertThat(failure.errno()).isEqualTo(4095);
  }

  @Test
  void aFailingCall_saysWhy() {
    byte[] path = "/no/such/file\0".getBytes(StandardCharsets.UTF_8);
    SystemCallException failure =
        catchThrowableOfType(
            SystemCallException.class, () -> Kernel.system().open(path, 0, 0, "open the input"));

    assertThat(failure).hasMessageStartingWith("open failed to open the input: ENOENT");
  }

  @Test
  void aClosedNumber_isABadDescriptor() {
    SystemCallException failure =
        catchThrowableOfType(
            SystemCallException.class, () -> Kernel.system().setNonBlocking(1_000_000, "test"));

    assertThat(failure.is(Errno.EBADF)).isTrue();
    assertThat(Kernel.system().isOpen(1_000_000)).isFalse();
    assertThat(Kernel.system().available(1_000_000)).isEqualTo(-Errno.EBADF.intValue());
    assertThat(Kernel.system().pipeCapacity(1_000_000)).isEqualTo(-Errno.EBADF.intValue());
  }
}
