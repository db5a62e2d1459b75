/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Threads that live as long as the JVM once they were needed, or that come and go as their library
 * likes. A library whose threads end on request is not here: a test has to ask.
 */
final class JvmThreads {
  private static final Predicate<String> BY_NAME =
      Pattern.compile(
              // JDK
              "main|DestroyJavaVM|ForkJoinPool\\.commonPool-.*|CompletableFutureDelayScheduler"
                  // Surefire and JUnit's @Timeout
                  + "|surefire-.*|junit-jupiter-timeout-watcher.*"
                  // this project's shared threads
                  + "|reactor-proc-(epoll|spawner|signals|exit)(-.*)?"
                  // Reactor's shared schedulers, Netty's shared executor, JNR's memory
                  + "|(boundedElastic|parallel|single)-.*|globalEventExecutor-.*"
                  + "|jnr\\.ffi\\.util\\.ref\\.internal\\.Finalizer")
          .asMatchPredicate();

  private static final Pattern UNNAMED = Pattern.compile("Thread-\\d+");

  /** What the names of Reactor's {@code disposeGracefully} helpers begin with: pool-N-thread-. */
  private static volatile String disposalPool = "unknown";

  private JvmThreads() {}

  /** Finds out the names that are known only at run time. */
  static void learnNames() {
    Scheduler disposed = Schedulers.newSingle("warm-up");
    disposed.schedule(() -> {});
    disposed
        .disposeGracefully()
        .doOnTerminate(() -> disposalPool = withoutNumber(Thread.currentThread().getName()))
        .block(Duration.ofSeconds(10));
  }

  private static String withoutNumber(String name) {
    return name.substring(0, name.lastIndexOf('-') + 1);
  }

  /** Whether the thread with this stack is one of them. */
  static boolean contains(Thread thread, StackTraceElement[] stack) {
    return BY_NAME.test(thread.getName())
        || isOfTheSystem(thread)
        || isCarrier(thread)
        || isOfAsynchronousChannels(thread, stack)
        || thread.getName().startsWith(disposalPool);
  }

  /** The JVM's and the JDK's own ones: reference handler, signals, cleaners, process reapers... */
  private static boolean isOfTheSystem(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    // null: the thread has ended meanwhile
    return group == null
        || group.getName().equals("system")
        || group.getName().equals("InnocuousThreadGroup");
  }

  /** Carriers of virtual threads, whose names are those of any ForkJoinPool. */
  private static boolean isCarrier(Thread thread) {
    return thread.getClass().getName().equals("jdk.internal.misc.CarrierThread");
  }

  /** The JDK's default group of asynchronous channels; Surefire talks to Maven through one. */
  private static boolean isOfAsynchronousChannels(Thread thread, StackTraceElement[] stack) {
    return thread.isDaemon()
        && UNNAMED.matcher(thread.getName()).matches()
        && Arrays.stream(stack)
            .map(StackTraceElement::getClassName)
            .anyMatch(
                name ->
                    name.startsWith("sun.nio.ch.")
                        || name.equals("java.util.concurrent.SynchronousQueue"));
  }
}
