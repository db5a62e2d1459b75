/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.unix.FileDescriptor;
import io.reactorproc.ChildInfo;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.PipeEnds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes through the life pipe, without a guard at its end. */
class GuardLineTest {
  private final AtomicInteger behind = new AtomicInteger();
  private final GuardLine line = new GuardLine(behind::incrementAndGet);
  private Descriptor read;
  private Descriptor write;

  @BeforeEach
  void open() throws IOException {
    Kernel kernel = Kernel.system();
    long ends = kernel.pipe("test");
    read = Descriptor.own(PipeEnds.readEnd(ends));
    write = Descriptor.own(PipeEnds.writeEnd(ends));
    kernel.setNewPipeNonBlocking(write.number(), "test");
    kernel.setNewPipeNonBlocking(read.number(), "test");
    kernel.setPipeCapacity(write.number(), 4096);
  }

  @AfterEach
  void close() {
    line.close();
    write.close();
    read.close();
  }

  @Test
  void childrenAreToldByPidAndGroup_andTheirEnds() throws IOException {
    line.connect(write);

    line.started(child(12, 12, false));
    line.started(child(13, 12, false));
    line.started(child(14, 0, false));
    line.ending(child(12, 12, false));

    assertThat(said()).isEqualTo("12\n13 12\n14 0\n-12\n");
  }

  @Test
  void whatIsToldTwice_isSaidOnce() throws IOException {
    line.connect(write);

    line.started(child(12, 12, false));
    line.started(child(12, 12, false));
    line.ending(child(12, 12, false));
    line.ending(child(12, 12, false));

    assertThat(said()).isEqualTo("12\n-12\n");
  }

  @Test
  void detachedChildren_areNotTold() throws IOException {
    line.connect(write);

    line.started(child(12, 12, true));
    line.ending(child(12, 12, true));

    assertThat(said()).isEmpty();
  }

  @Test
  void newGuard_isToldOfThoseWhoLive() throws IOException {
    line.started(child(12, 12, false));
    line.started(child(13, 13, false));
    line.ending(child(12, 12, false));

    line.connect(write);

    assertThat(said()).isEqualTo("13\n");
  }

  @Test
  void dismissedGuard_isToldToGo() throws IOException {
    line.connect(write);

    assertThat(line.dismiss()).isTrue();

    assertThat(said()).isEqualTo(".\n");
    assertThat(line.dismiss()).isFalse();
  }

  /** What it has read last is wrong from then on: the caller ends it. The pipe stays open. */
  @Test
  void guardThatDoesNotRead_isReportedOnce() {
    line.connect(write);

    for (int pid = 10_000; pid < 12_000; pid++) {
      line.started(child(pid, pid, false));
    }

    assertThat(behind).hasValue(1);
    assertThat(line.isBroken()).isTrue();
    assertThat(write.isOpen()).isTrue();
  }

  @Test
  void guardThatIsGone_isReported() {
    line.connect(write);
    read.close();

    line.started(child(12, 12, false));

    assertThat(behind).hasValue(1);
  }

  private static ChildInfo child(int pid, int group, boolean detached) {
    return new ChildInfo(pid, group, detached, Optional.empty());
  }

  private String said() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
    int length = new FileDescriptor(read.number()).read(buffer, 0, 4096);
    byte[] bytes = new byte[Math.max(0, length)];
    buffer.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
