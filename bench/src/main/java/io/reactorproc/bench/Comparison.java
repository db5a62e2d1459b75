/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Runs a workload: starts all peers' programs, warms up one after the other, and then takes rounds
 * in turn, so that what the machine does in between meets all of them.
 *
 * @param commands how a program is started
 * @param peers who may take part
 * @param rounds how many rounds each takes of a workload
 * @param logs the directory of the programs' stderr
 */
record Comparison(
    PeerCommands commands, Set<PeerKind> peers, ToIntFunction<Workload> rounds, Path logs) {

  /**
   * The rows of one workload.
   *
   * @throws PeerFailedException if any peer fails, with its name
   */
  List<Row> run(Workload workload) throws IOException, InterruptedException, PeerFailedException {
    Files.createDirectories(logs);
    Map<PeerKind, PeerSession> sessions = new EnumMap<>(PeerKind.class);
    Map<PeerKind, List<Map<String, Double>>> answers = new EnumMap<>(PeerKind.class);
    try {
      for (PeerKind peer : PeerKind.values()) {
        if (peers.contains(peer) && workload.peers().contains(peer)) {
          Path log = logs.resolve(workload.name() + "." + peer.id() + ".log");
          PeerSession session = new PeerSession(commands.of(peer, workload), log);
          sessions.put(peer, session);
          ask(workload, peer, session::warmUp);
        }
      }
      for (int round = 0; round < rounds.applyAsInt(workload); round++) {
        for (Map.Entry<PeerKind, PeerSession> session : sessions.entrySet()) {
          PeerKind peer = session.getKey();
          List<Map<String, Double>> earlier =
              answers.computeIfAbsent(peer, none -> new ArrayList<>());
          ask(workload, peer, () -> earlier.add(session.getValue().round()));
        }
      }
    } finally {
      for (PeerSession session : sessions.values()) {
        session.end();
      }
    }
    return Row.of(workload, answers);
  }

  private interface Question {
    void ask() throws PeerFailedException, InterruptedException;
  }

  private static void ask(Workload workload, PeerKind peer, Question question)
      throws PeerFailedException, InterruptedException {
    try {
      question.ask();
    } catch (PeerFailedException e) {
      throw new PeerFailedException(workload.name() + ": " + peer.label() + ": " + e.getMessage());
    }
  }
}
