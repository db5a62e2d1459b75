/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What Netty's leak detector reported: buffers that were garbage collected before their release.
 */
final class Leaks {
  private static final List<String> REPORTED = new CopyOnWriteArrayList<>();

  private Leaks() {}

  /** Must run before Netty makes its first detector. */
  static void listen() {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Factory());
  }

  static void forget() {
    REPORTED.clear();
  }

  static List<String> reported() {
    return List.copyOf(REPORTED);
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
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      REPORTED.add("a " + resourceType + " was collected without release:" + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      REPORTED.add("a " + resourceType + " was collected without release");
    }
  }
}
