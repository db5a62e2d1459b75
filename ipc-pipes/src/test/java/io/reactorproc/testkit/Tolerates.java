/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Lets a test, or the tests of a class, keep one kind of {@link Fault}. It is for tests whose
 * subject is the fault, or that leave behind what another library will never give back.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Tolerates.All.class)
public @interface Tolerates {
  /** The kind that is not checked; all others still are. */
  Fault value();

  /** Why it cannot be avoided. */
  String reason();

  /** Several kinds, each with its reason. */
  @Target({ElementType.METHOD, ElementType.TYPE})
  @Retention(RetentionPolicy.RUNTIME)
  @interface All {
    /** The single annotations. */
    Tolerates[] value();
  }
}
