/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Skips a test where a file that it needs is missing, such as one by which the kernel shows a
 * feature: {@code /dev/ptmx}, {@code /sys/fs/cgroup/cgroup.controllers}; the reason names the file.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(CapabilityCondition.class)
public @interface EnabledIfFile {
  /** Absolute paths. All must exist. */
  String[] value();
}
