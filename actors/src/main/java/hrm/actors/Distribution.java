package hrm.actors;

import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often values fell between fixed bounds, since the node's start. Any thread adds and reads;
 * adding allocates nothing and waits for nobody.
 */
public final class Distribution {
  /**
   * A reading.
   *
   * @param bounds upper bounds, ascending; the last is infinite
   * @param counts of values above the bound before and not above this one
   * @param sum of all values
   */
  public record Reading(double[] bounds, long[] counts, double sum) {
    public long count() {
      return Arrays.stream(counts).sum();
    }
  }

  private final double[] bounds;
  private final LongAdder[] counts;
  private final DoubleAdder sum = new DoubleAdder();

  /**
   * @param finite upper bounds, ascending
   */
  Distribution(double... finite) {
    bounds = Arrays.copyOf(finite, finite.length + 1);
    bounds[finite.length] = Double.POSITIVE_INFINITY;
    counts = new LongAdder[bounds.length];
    Arrays.setAll(counts, i -> new LongAdder());
  }

  void add(double value) {
    if (Double.isNaN(value)) {
      return;
    }
    int at = 0;
    while (value > bounds[at]) {
      at++;
    }
    counts[at].increment();
    sum.add(value);
  }

  void addNanos(long nanos) {
    add(nanos / 1e9);
  }

  public Reading read() {
    return new Reading(
        bounds.clone(), Arrays.stream(counts).mapToLong(LongAdder::sum).toArray(), sum.sum());
  }
}
