/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.util.List;

/** Rows as CSV (RFC 4180), one line for each peer of each row, numbers in full. */
final class CsvReport {
  private CsvReport() {}

  static String table(String jdk, List<Row> rows) {
    StringBuilder csv = new StringBuilder();
    for (Row row : rows) {
      for (PeerKind peer : PeerKind.values()) {
        row.of(peer).ifPresent(samples -> csv.append(line(jdk, row, peer, samples)));
      }
    }
    return csv.toString();
  }

  static String header() {
    return "jdk,workload,metric,unit,peer,rounds,median,min,max\n";
  }

  private static String line(String jdk, Row row, PeerKind peer, Samples samples) {
    return String.join(
            ",",
            quote(jdk),
            quote(row.workload().name()),
            quote(row.metric().key()),
            quote(row.metric().unit()),
            quote(peer.id()),
            Integer.toString(samples.size()),
            Double.toString(samples.median()),
            Double.toString(samples.min()),
            Double.toString(samples.max()))
        + "\n";
  }

  private static String quote(String field) {
    return field.matches("[^\",\n]*") ? field : '"' + field.replace("\"", "\"\"") + '"';
  }
}
