/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * The check around one test or one class.
 *
 * @param baseline what was there before
 * @param settled the kinds that are not asked for at the end: tolerated, or reported for a test
 *     inside and not to be repeated for its class
 */
record Watch(Baseline baseline, Set<Fault> settled) {
  private static final Namespace NAMESPACE = Namespace.create(Watch.class);

  static void begin(ExtensionContext context) {
    Watch watch = new Watch(Baseline.now(), EnumSet.noneOf(Fault.class));
    context.getStore(NAMESPACE).put(key(context), watch);
  }

  /** The check around exactly this context, if it has begun. */
  static Optional<Watch> of(ExtensionContext context) {
    return Optional.ofNullable(context.getStore(NAMESPACE).get(key(context), Watch.class));
  }

  /** The check next further out: that of the class, or of the class around a nested one. */
  static Optional<Watch> around(ExtensionContext context) {
    return context.getParent().flatMap(parent -> of(parent).or(() -> around(parent)));
  }

  /** A store also answers with what the contexts around it hold, so the key names the context. */
  private static String key(ExtensionContext context) {
    return context.getUniqueId();
  }
}
