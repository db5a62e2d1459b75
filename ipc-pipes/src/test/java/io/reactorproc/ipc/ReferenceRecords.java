/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.reactorproc.ipc.Records.Overflow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What records a whole input has, found the slow and obvious way. Bytes are Latin-1 characters. */
final class ReferenceRecords {

  private ReferenceRecords() {}

  static List<String> lines(String input) {
    List<String> records = new ArrayList<>();
    int from = 0;
    for (int lf = input.indexOf('\n'); lf >= 0; lf = input.indexOf('\n', from)) {
      String line = input.substring(from, lf);
      records.add(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
      from = lf + 1;
    }
    return withRest(records, input.substring(from));
  }

  static List<String> universalLines(String input) {
    return separatedBy("\n", input.replace("\r\n", "\n").replace('\r', '\n'));
  }

  static List<String> separatedBy(String separator, String input) {
    List<String> records = new ArrayList<>();
    int from = 0;
    for (int at = input.indexOf(separator); at >= 0; at = input.indexOf(separator, from)) {
      records.add(input.substring(from, at));
      from = at + separator.length();
    }
    return withRest(records, input.substring(from));
  }

  private static List<String> withRest(List<String> records, String rest) {
    if (!rest.isEmpty()) {
      records.add(rest);
    }
    return records;
  }

  /** The records that are delivered under a limit; under ERROR those before the one too long. */
  static List<String> limited(List<String> records, int limit, Overflow overflow) {
    List<String> delivered = new ArrayList<>();
    for (String record : records) {
      if (record.length() <= limit) {
        delivered.add(record);
      } else if (overflow == Overflow.TRUNCATE) {
        delivered.add(record.substring(0, limit));
      } else if (overflow == Overflow.SPLIT) {
        delivered.addAll(Arrays.asList(record.split("(?s)(?<=\\G.{" + limit + "})")));
      } else {
        break;
      }
    }
    return delivered;
  }
}
