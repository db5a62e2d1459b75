/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.util.Arrays;
import java.util.List;

/** The values of one metric of one peer, a round each. There is at least one. */
final class Samples {
  private final double[] sorted;

  Samples(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no samples");
    }
    sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  int size() {
    return sorted.length;
  }

  double min() {
    return sorted[0];
  }

  double max() {
    return sorted[sorted.length - 1];
  }

  /** The middle value, or the mean of the two in the middle. */
  double median() {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  @Override
  public String toString() {
    return Arrays.toString(sorted);
  }
}
