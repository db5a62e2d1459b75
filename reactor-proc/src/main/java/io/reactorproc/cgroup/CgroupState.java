/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.cgroup;

/**
 * What {@code cgroup.events} tells.
 *
 * @param populated whether a living process is in the cgroup or below it
 * @param frozen whether all of them are frozen
 */
public record CgroupState(boolean populated, boolean frozen) {
  /** From the text of the file. */
  static CgroupState of(String events) {
    return new CgroupState(events.contains("populated 1"), events.contains("frozen 1"));
  }
}
