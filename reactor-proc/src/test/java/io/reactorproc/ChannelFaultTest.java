/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.ProcessStartException.Reason;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.MemoryFiles;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.Terminals;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each system call of a start with channels fails once: one typed error, and nothing is left. */
@Timeout(60)
class ChannelFaultTest {
  private static final Command COMMAND =
      Command.of("/bin/sleep", "1000")
          .channel(3, Channel.socketPair())
          .channel(4, Channel.pipePair())
          .channel(20, Channel.socketPair())
          .termination(Termination.kill());

  private static ProcessRuntime runtime(FaultyKernel kernel, Sockets sockets) {
    return new ProcessRuntime(
        EventLoops.shared(),
        kernel,
        ExitWatch.Factory.pidfd(),
        Terminals.system(),
        sockets,
        MemoryFiles.system());
  }

  private static void startAndEnd(Command command) {
    RunningProcess child = Objects.requireNonNull(command.start().block(Limits.SOON));
    child.dispose();
    child.exit().block(Limits.SOON);
  }

  @ParameterizedTest(name = "call {0}, {1} fails with {2}")
  @MethodSource("everyCallOfAStart")
  void callThatFails_isOneErrorAndLeavesNothing(int index, String call, Errno errno) {
    FaultyKernel kernel = new FaultyKernel();
    Command command = COMMAND.on(runtime(kernel, Sockets.system()));
    int before = Proc.descriptors().size();
    kernel.failAt(index, errno);
    boolean hasReserve = call.equals("pidfdOpen") && errno == Errno.EMFILE;

    if (hasReserve) {
      startAndEnd(command);
    } else {
      assertThatThrownBy(() -> startAndEnd(command))
          .hasCauseInstanceOf(ProcessStartException.class)
          .hasMessageContaining(errno.name());
    }

    assertThat(Proc.children()).isEmpty();
    Await.until("descriptors are closed", () -> Proc.descriptors().size() <= before);
    kernel.failAt(-1, errno);
    startAndEnd(command); // makes a reserve anew that was used up
  }

  static Stream<Arguments> everyCallOfAStart() {
    FaultyKernel kernel = new FaultyKernel();
    Command command = COMMAND.on(runtime(kernel, Sockets.system()));
    startAndEnd(command); // opens what is kept
    kernel.failAt(-1, Errno.EIO);
    startAndEnd(command);
    List<String> calls = kernel.calls();
    assertThat(calls).contains("setBlocking", "pipe", "spawn", "pidfdOpen");
    return IntStream.range(0, calls.size())
        .boxed()
        .filter(i -> !List.of("isInheritable", "setPipeCapacity").contains(calls.get(i)))
        .flatMap(
            i ->
                Stream.of(Errno.EMFILE, Errno.EIO)
                    .map(errno -> Arguments.of(i, calls.get(i), errno)));
  }

  @Test
  void socketPairThatCannotBeMade_isALimitOfTheStart() {
    Sockets none =
        (Sockets)
            Proxy.newProxyInstance(
                Sockets.class.getClassLoader(),
                new Class<?>[] {Sockets.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("pair")) {
                    throw new SystemCallException("socketpair", Errno.EMFILE.intValue(), "fail");
                  }
                  try {
                    return method.invoke(Sockets.system(), arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });

    assertThatThrownBy(() -> startAndEnd(COMMAND.on(runtime(new FaultyKernel(), none))))
        .cause()
        .isInstanceOfSatisfying(
            ProcessStartException.class,
            failure -> assertThat(failure.reason()).isEqualTo(Reason.LIMITS));
  }
}
