/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * What Netty's leak detector reported: buffers that were garbage collected before their release.
 * Which test leaked such a buffer is not known, only that it was used before the report.
 */
final class NettyLeaks {
  private static final Queue<Finding> REPORTED = new ConcurrentLinkedQueue<>();
  private static final long GC_MILLIS = 2_000;

  /** Whether a resource was handed out since the last collection; else there is none to find. */
  private static volatile boolean inUse;

  private NettyLeaks() {}

  /** Takes effect for the detectors made later, so it must precede the first use of Netty. */
  static void listen() {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Factory());
  }

  /** The reports since the last call. */
  static List<Finding> drain() {
    List<Finding> reports = new ArrayList<>();
    for (Finding report = REPORTED.poll(); report != null; report = REPORTED.poll()) {
      reports.add(report);
    }
    return reports;
  }

  /**
   * Collects garbage, so that every buffer that is unreachable now has been reported on return.
   *
   * <p>The JVM hands the references cleared by one collection to its reference handler as a list.
   * The handler is through with the first list when it has enqueued a reference of the second.
   */
  static void collect() throws InterruptedException {
    if (!inUse) {
      return;
    }
    inUse = false;
    awaitCollection();
    awaitCollection();
    // a detector looks at its queue when it begins to track something
    PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
  }

  private static void awaitCollection() throws InterruptedException {
    ReferenceQueue<Object> collected = new ReferenceQueue<>();
    WeakReference<Object> canary = new WeakReference<>(new Object(), collected);
    System.gc();
    if (collected.remove(GC_MILLIS) != canary) {
      throw new IllegalStateException("System.gc() collects nothing in this JVM");
    }
  }

  private static final class Factory extends ResourceLeakDetectorFactory {
    @Override
    @SuppressWarnings("deprecation") // the factory's one abstract method is deprecated
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      return new Recording<>(resource, samplingInterval);
    }
  }

  private static final class Recording<T> extends ResourceLeakDetector<T> {
    @SuppressWarnings(
        "deprecation") // there is no other constructor for subclasses with an interval
    Recording(Class<?> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    @Override
    public @Nullable ResourceLeakTracker<T> track(T resource) {
      inUse = true;
      return super.track(resource);
    }

    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      report("a " + resourceType + " was collected without release:" + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      report("a " + resourceType + " was collected without release");
    }

    private static void report(String text) {
      REPORTED.add(new Finding(Fault.BUFFER, text));
    }
  }
}
