/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import io.reactorproc.bench.Workload.Placement;
import io.reactorproc.bench.peer.PeerMain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The command lines of the peers' programs.
 *
 * @param jdk for those in Java
 * @param classPath for those in Java
 * @param reference the one in C
 * @param warmUp for how long they warm up
 */
record PeerCommands(Jdk jdk, String classPath, Path reference, Duration warmUp) {

  List<String> of(PeerKind peer, Workload workload) {
    List<String> command = new ArrayList<>();
    if (workload.placement() == Placement.PINNED) {
      command.addAll(List.of("taskset", "-c", "0"));
    }
    if (peer == PeerKind.C) {
      command.add(reference.toString());
    } else {
      command.addAll(jdk.java(Long.parseLong(workload.plan().getOrDefault("touch", "0"))));
      command.addAll(List.of("-cp", classPath, PeerMain.class.getName(), peer.id()));
    }
    workload.plan().forEach((key, value) -> command.add(key + "=" + value));
    command.add("warm-nanos=" + warmUp.toNanos());
    return command;
  }
}
