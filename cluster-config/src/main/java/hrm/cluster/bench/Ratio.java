package hrm.cluster.bench;

import hrm.cluster.cli.Json;
import java.util.Arrays;

/** Median and quartiles over the rounds of a ratio in throughput. */
record Ratio(double median, double low_quartile, double high_quartile) {
  static Ratio of(double[] ratios) {
    double[] sorted = sorted(ratios);
    return new Ratio(
        Json.rounded(sorted[sorted.length / 2], 4),
        Json.rounded(sorted[sorted.length / 4], 4),
        Json.rounded(sorted[sorted.length * 3 / 4], 4));
  }

  @Override
  public String toString() {
    return "%.4f (%.4f to %.4f)".formatted(median, low_quartile, high_quartile);
  }

  static double[] sorted(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted;
  }
}
