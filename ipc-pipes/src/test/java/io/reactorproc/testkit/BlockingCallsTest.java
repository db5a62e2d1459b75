/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SpawnRequest;
import io.reactorproc.ipc.sys.StringBlock;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import reactor.blockhound.BlockingOperationError;

class BlockingCallsTest {
  private static final byte[] NULL_DEVICE = {'/', 'd', 'e', 'v', '/', 'n', 'u', 'l', 'l', 0};

  /** What must not be done on an event loop. */
  enum Call {
    SLEEP("sleep") {
      @Override
      void make() throws Exception {
        Thread.sleep(1);
      }
    },
    WAIT("Unsafe#park") {
      @Override
      void make() throws Exception {
        new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
      }
    },
    READ_A_FILE("FileInputStream#read") {
      @Override
      void make() throws Exception {
        try (InputStream file = new FileInputStream("/proc/self/status")) {
          file.read();
        }
      }
    },
    OPEN_A_FILE("UnixNativeDispatcher.open0") {
      @Override
      void make() throws Exception {
        Files.readString(Path.of("/proc/self/status"));
      }
    },
    OPEN_BY_THE_KERNEL("LinuxKernel#open") {
      @Override
      void make() throws Exception {
        Kernel.system().open(NULL_DEVICE, 0, 0, "a test");
      }
    },
    LOOK_UP_A_PROGRAM("LinuxKernel#executable") {
      @Override
      void make() {
        Kernel.system().executable(NULL_DEVICE);
      }
    },
    START_A_CHILD("LinuxKernel#spawn") {
      @Override
      void make() throws Exception {
        StringBlock none = StringBlock.of(List.of());
        int[] nothing = {};
        SpawnRequest request =
            new SpawnRequest(
                NULL_DEVICE, none, none, null, nothing, nothing, SpawnRequest.Group.OWN);
        Kernel.system().spawn(request, new SpawnArena());
      }
    },
    START_A_JDK_PROCESS("ProcessImpl#forkAndExec") {
      @Override
      void make() throws Exception {
        new ProcessBuilder("true").start();
      }
    };

    final String name;

    Call(String name) {
      this.name = name;
    }

    abstract void make() throws Exception;

    Void call() throws Exception {
      make();
      return null;
    }
  }

  @ParameterizedTest
  @EnumSource
  void blockingCallOnALoop_throws(Call call) {
    assertThatThrownBy(() -> onLoop(call::call))
        .rootCause()
        .isInstanceOf(BlockingOperationError.class)
        .hasMessageContaining(call.name);
    BlockingCalls.drain();
  }

  static class SwallowsTheError {
    @Test
    void block() {
      assertThatThrownBy(() -> onLoop(Call.SLEEP::call)).isNotNull();
    }
  }

  @Test
  void errorThatWasSwallowed_failsTheTestNevertheless() {
    assertThat(FixtureRun.of(SwallowsTheError.class).failedTests())
        .singleElement()
        .asString()
        .containsPattern("blocking .*Thread\\.sleep.* on reactor-proc-epoll-")
        .contains("BlockingCallsTest");
  }

  static class ToleratesBlocking {
    @Test
    @Tolerates(value = Fault.BLOCKING_CALL, reason = "the subject of this test")
    void block() throws Exception {
      onLoop(Call.SLEEP::call);
    }
  }

  @Test
  void toleratedCall_neitherThrowsNorFails() {
    assertThat(FixtureRun.of(ToleratesBlocking.class).succeededTests()).isEqualTo(1);
  }

  @Test
  void blockingCallOnAnotherThread_isAllowed() {
    assertThatCode(Call.READ_A_FILE::make).doesNotThrowAnyException();
  }

  @Test
  void logging_isAllowedOnALoop() {
    assertThatCode(
            () ->
                onLoop(
                    () -> {
                      LoggerFactory.getLogger(BlockingCallsTest.class).warn("logged on a loop");
                      return null;
                    }))
        .doesNotThrowAnyException();
  }

  private static void onLoop(Callable<Void> work) throws Exception {
    IoEventLoop loop = EventLoops.shared().next();
    loop.submit(work).get(10, TimeUnit.SECONDS);
  }
}
