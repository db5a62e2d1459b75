/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SpawnRequest;
import io.reactorproc.ipc.sys.StringBlock;
import io.reactorproc.ipc.sys.WaitResult;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each fixture leaves one thing behind; the test around it takes that away again. */
class LeakExtensionTest {
  /** Takes away what the fixture left. */
  private static AutoCloseable leftover = () -> {};

  @AfterEach
  void takeAway() throws Exception {
    leftover.close();
    leftover = () -> {};
  }

  static class LeaksDescriptor {
    @Test
    void leak() throws IOException {
      leftover = new FileInputStream("/proc/self/status");
    }
  }

  @Test
  void descriptor_isNamedWithItsTarget() {
    assertThat(FixtureRun.of(LeaksDescriptor.class).failedTests())
        .singleElement()
        .asString()
        .containsPattern("descriptor \\d+ -> /proc/\\d+/status");
  }

  static class LeaksNullDevices {
    @Test
    void leak() throws IOException {
      FileInputStream[] opened = new FileInputStream[3];
      for (int i = 0; i < opened.length; i++) {
        opened[i] = new FileInputStream("/dev/null");
      }
      leftover =
          () -> {
            for (FileInputStream file : opened) {
              file.close();
            }
          };
    }
  }

  @Test
  void nullDevicesBeyondTheTwoOfTheLibrary_areFound() {
    assertThat(FixtureRun.of(LeaksNullDevices.class).failedTests())
        .singleElement()
        .asString()
        .containsPattern("descriptor \\d+ -> /dev/null");
  }

  static class LeaksDescriptorInField {
    final FileInputStream field = open();

    private static FileInputStream open() {
      try {
        FileInputStream opened = new FileInputStream("/proc/self/status");
        leftover = opened;
        return opened;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Test
    void leak() {
      assertThat(field).isNotNull();
    }
  }

  @Test
  void descriptorOpenedByTheConstructor_isFound() {
    assertThat(FixtureRun.of(LeaksDescriptorInField.class).failedTests())
        .singleElement()
        .asString()
        .contains("/status");
  }

  static class LeaksDescriptorOfClass {
    @BeforeAll
    static void open() throws IOException {
      leftover = new FileInputStream("/proc/self/status");
    }

    @Test
    void pass() {}
  }

  @Test
  void descriptorOfTheClass_failsTheClassOnly() {
    FixtureRun run = FixtureRun.of(LeaksDescriptorOfClass.class);
    assertThat(run.failedTests()).isEmpty();
    assertThat(run.failedClasses()).singleElement().asString().contains("/status");
  }

  @Test
  void leakOfATest_isNotReportedAgainForTheClass() {
    assertThat(FixtureRun.of(LeaksDescriptor.class).failedClasses()).isEmpty();
  }

  static class ClosesForeignDescriptor {
    @Test
    void closeTwice() throws Exception {
      leftover.close();
    }
  }

  @Test
  void descriptorOfAnotherThatIsClosed_isFound() throws IOException {
    leftover = new FileInputStream("/proc/self/status");
    assertThat(FixtureRun.of(ClosesForeignDescriptor.class).failedTests())
        .singleElement()
        .asString()
        .containsPattern("descriptor \\d+ -> /proc/\\d+/status of before the test is closed");
  }

  static class LeaksChild {
    @Test
    void leak() throws IOException {
      Process child = new ProcessBuilder("sleep", "1000").start();
      child.getOutputStream().close();
      child.getInputStream().close();
      child.getErrorStream().close();
      leftover = () -> child.destroyForcibly().waitFor();
    }
  }

  @Test
  void child_isNamedWithPidStateAndProgram() {
    assertThat(FixtureRun.of(LeaksChild.class).failedTests())
        .singleElement()
        .asString()
        .containsPattern("child \\d+ \\([A-Z] sleep\\)");
  }

  static class LeaksZombie {
    @Test
    void leak() throws IOException {
      int pid = spawnTrue();
      leftover =
          () -> assertThat(Kernel.system().waitFor(false, pid, WaitResult.EXITED)).isNotNull();
      Await.until("the child has ended", () -> Proc.state(pid).equals(Optional.of('Z')));
    }

    private static int spawnTrue() throws IOException {
      byte[] path = "/bin/true\0".getBytes(StandardCharsets.US_ASCII);
      StringBlock argv = StringBlock.of(List.of("true"));
      StringBlock environment = StringBlock.of(List.of());
      int[] none = {};
      SpawnRequest request =
          new SpawnRequest(path, argv, environment, null, none, none, SpawnRequest.Group.OWN);
      return Kernel.system().spawn(request, new SpawnArena());
    }
  }

  @Test
  void zombie_isNamedAsOne() {
    assertThat(FixtureRun.of(LeaksZombie.class).failedTests())
        .singleElement()
        .asString()
        .containsPattern("child \\d+ \\(Z true\\)");
  }

  static class LeaksThread {
    @Test
    void leak() {
      CountDownLatch end = new CountDownLatch(1);
      Thread thread = new Thread(new Waiting(end), "left-over");
      thread.start();
      leftover = () -> end(thread, end);
    }
  }

  static class LeaksUnnamedThread {
    @Test
    void leak() {
      CountDownLatch end = new CountDownLatch(1);
      Thread thread = new Thread(new Waiting(end));
      thread.setDaemon(true);
      thread.start();
      leftover = () -> end(thread, end);
    }
  }

  private record Waiting(CountDownLatch end) implements Runnable {
    @Override
    public void run() {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void end(Thread thread, CountDownLatch end) throws InterruptedException {
    end.countDown();
    thread.join();
  }

  @Test
  void thread_isNamed() {
    assertThat(FixtureRun.of(LeaksThread.class).failedTests())
        .singleElement()
        .asString()
        .contains("thread left-over");
  }

  @Test
  void threadWithoutAName_isFound() {
    assertThat(FixtureRun.of(LeaksUnnamedThread.class).failedTests())
        .singleElement()
        .asString()
        .containsPattern("thread Thread-\\d+");
  }

  static class KeepsPooledBuffer {
    @Test
    void leak() {
      ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(64);
      leftover = buffer::release;
    }
  }

  @Test
  void pooledBufferInUse_isCounted() {
    assertThat(FixtureRun.of(KeepsPooledBuffer.class).failedTests())
        .singleElement()
        .asString()
        .contains("1 pooled buffers more than before");
  }

  static class LosesUnpooledBuffer {
    @Test
    void leak() {
      UnpooledByteBufAllocator.DEFAULT.directBuffer(64).writeInt(1);
    }
  }

  @Test
  void bufferCollectedWithoutRelease_failsItsClass() {
    FixtureRun run = FixtureRun.of(LosesUnpooledBuffer.class);
    assertThat(run.failedClasses())
        .singleElement()
        .asString()
        .contains("a ByteBuf was collected without release", "LosesUnpooledBuffer.leak");
  }

  static class ToleratesItsLeaks {
    @Test
    @Tolerates(value = Fault.DESCRIPTOR, reason = "the subject of this test")
    void leak() throws IOException {
      leftover = new FileInputStream("/proc/self/status");
    }
  }

  @Test
  void toleratedLeak_failsNeitherTestNorClass() {
    FixtureRun run = FixtureRun.of(ToleratesItsLeaks.class);
    assertThat(run.succeededTests()).isEqualTo(1);
    assertThat(run.failedClasses()).isEmpty();
  }

  @Tolerates(value = Fault.THREAD, reason = "another kind")
  static class ToleratesAnotherKind {
    @Test
    void leak() throws IOException {
      leftover = new FileInputStream("/proc/self/status");
    }
  }

  @Test
  void toleratingOneKind_doesNotHideAnother() {
    assertThat(FixtureRun.of(ToleratesAnotherKind.class).failedTests())
        .singleElement()
        .asString()
        .contains("/status");
  }

  static class CleansUp {
    @Test
    void clean() throws Exception {
      new FileInputStream("/proc/self/status").close();
      PooledByteBufAllocator.DEFAULT.directBuffer(64).release();
      Process child = new ProcessBuilder("true").start();
      child.waitFor();
      child.getOutputStream().close();
      child.getInputStream().close();
      child.getErrorStream().close();
    }
  }

  @Test
  void testThatCleansUp_passes() {
    FixtureRun run = FixtureRun.of(CleansUp.class);
    assertThat(run.succeededTests()).isEqualTo(1);
    assertThat(run.failedTests()).isEmpty();
    assertThat(run.failedClasses()).isEmpty();
  }
}
