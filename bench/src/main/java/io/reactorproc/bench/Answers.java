/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What peers' programs answer, as text and as numbers. */
final class Answers {
  private static final String RESULT = "result ";
  private static final String FAILURE = "failure ";

  private Answers() {}

  /**
   * The metrics of {@code result key=value ...}.
   *
   * @throws PeerFailedException if the line is something else, or has a value that is not a number
   */
  static Map<String, Double> metrics(String line) throws PeerFailedException {
    if (line.startsWith(FAILURE)) {
      throw new PeerFailedException(line.substring(FAILURE.length()));
    }
    if (!line.startsWith(RESULT)) {
      throw new PeerFailedException("not a result: '" + line + "'");
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (String pair : line.substring(RESULT.length()).trim().split(" +", -1)) {
      int equals = pair.indexOf('=');
      try {
        double value = Double.parseDouble(pair.substring(equals + 1));
        if (equals < 1 || !Double.isFinite(value)) {
          throw new PeerFailedException("not a metric: '" + pair + "'");
        }
        metrics.put(pair.substring(0, equals), value);
      } catch (NumberFormatException e) {
        throw new PeerFailedException("not a number: '" + pair + "'");
      }
    }
    return metrics;
  }

  /** One metric out of all rounds; peers that do not have it are left out. */
  static Map<PeerKind, Samples> select(
      Map<PeerKind, List<Map<String, Double>>> answers, String key) {
    Map<PeerKind, Samples> selected = new EnumMap<>(PeerKind.class);
    answers.forEach(
        (peer, rounds) -> {
          List<Double> values = new ArrayList<>();
          for (Map<String, Double> round : rounds) {
            Double value = round.get(key);
            if (value != null) {
              values.add(value);
            }
          }
          if (!values.isEmpty()) {
            selected.put(peer, new Samples(values));
          }
        });
    return selected;
  }
}
