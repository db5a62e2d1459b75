/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingMethod;
import reactor.blockhound.BlockingOperationError;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Blocking calls on threads that must not block: BlockHound finds them, for every test of the JVM.
 *
 * <p>Such a call throws a {@link BlockingOperationError} on its thread. An event loop may swallow
 * it with a log line, therefore it is also kept, and {@link LeakExtension} fails the test. Beyond
 * BlockHound's own list, starting a program and opening or looking up files count as blocking.
 */
public final class BlockingCalls implements BlockHoundIntegration {
  private static final String LOOP = "reactor-proc-epoll";
  private static final String KERNEL = "io.reactorproc.ipc.sys.LinuxKernel";
  private static final String SOCKETS = "io.reactorproc.ipc.sys.LinuxSockets";
  private static final String FILES = "sun.nio.fs.UnixNativeDispatcher";
  private static final String TCK_INBOX = "org.reactivestreams.tck.TestEnvironment$Receptacle";
  private static final int REPORTED_FRAMES = 25;

  private static final Queue<Finding> MADE = new ConcurrentLinkedQueue<>();
  private static volatile boolean tolerated;

  @Override
  public void applyTo(BlockHound.Builder builder) {
    builder
        .nonBlockingThreadPredicate(
            others -> others.or(thread -> thread.getName().startsWith(LOOP)))
        .markAsBlocking(
            KERNEL,
            "spawn",
            "(Lio/reactorproc/ipc/sys/SpawnRequest;Lio/reactorproc/ipc/sys/SpawnArena;)I")
        .markAsBlocking(KERNEL, "open", "([BIILjava/lang/String;)I")
        .markAsBlocking(KERNEL, "executable", "([B)I")
        .markAsBlocking(SOCKETS, "bind", "(I[B)I")
        .markAsBlocking(SOCKETS, "connect", "(I[B)I")
        .markAsBlocking(FILES, "open0", "(JII)I")
        .markAsBlocking(FILES, "opendir0", "(J)J")
        // prints to System.err, which a test has the right to do
        .allowBlockingCallsInside("org.slf4j.simple.SimpleLogger", "write")
        // the TCK's own subscriber waits for a lock where its test thread looks at the same moment
        .allowBlockingCallsInside(TCK_INBOX, "add")
        .allowBlockingCallsInside(TCK_INBOX, "complete")
        .blockingMethodCallback(BlockingCalls::onBlockingCall);
  }

  private static void onBlockingCall(BlockingMethod method) {
    if (tolerated) {
      return;
    }
    BlockingOperationError error = new BlockingOperationError(method);
    MADE.add(new Finding(Fault.BLOCKING_CALL, describe(method, error)));
    throw error;
  }

  private static String describe(BlockingMethod method, Throwable at) {
    return Arrays.stream(at.getStackTrace())
        .filter(frame -> !frame.getClassName().startsWith("reactor.blockhound."))
        .filter(frame -> !frame.getClassName().equals(BlockingCalls.class.getName()))
        .limit(REPORTED_FRAMES)
        .map(frame -> "\n      at " + frame)
        .collect(
            Collectors.joining(
                "", "blocking " + method + " on " + Thread.currentThread().getName(), ""));
  }

  /** Whether blocking calls pass without an error and without a finding from now on. */
  static void tolerate(boolean yes) {
    tolerated = yes;
  }

  /** The calls since the last one of this method. */
  static List<Finding> drain() {
    List<Finding> made = new ArrayList<>();
    for (Finding call = MADE.poll(); call != null; call = MADE.poll()) {
      made.add(call);
    }
    return made;
  }
}
