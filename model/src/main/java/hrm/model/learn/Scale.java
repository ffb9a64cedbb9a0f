package hrm.model.learn;

import java.math.BigDecimal;
import java.math.MathContext;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis: its ends, and round values between them.
 *
 * @param log whether equal ratios take equal room
 */
record Scale(double low, double high, List<Double> values, boolean log) {
  private static final int ABOUT = 5;

  /** From {@code low} to {@code high} or beyond, in steps of 1, 2 or 5 times a power of ten. */
  static Scale linear(double low, double high) {
    double room = high > low ? high - low : 1;
    double power = Math.pow(10, Math.floor(Math.log10(room / ABOUT)));
    double times = room / ABOUT / power;
    double step = power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
    List<Double> values = new ArrayList<>();
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= low + room + step * 1e-6; i++) {
      values.add(exact(i * step));
    }
    return new Scale(low, low + room, values, false);
  }

  /** From {@code low} above 0 to {@code high}: powers of ten; 1, 2 and 5 times them if few. */
  static Scale log(double low, double high) {
    double top = high > low ? high : low * 10;
    boolean few = Math.log10(top / low) < 2.5;
    List<Double> values = new ArrayList<>();
    for (int power = (int) Math.floor(Math.log10(low)); Math.pow(10, power) <= top; power++) {
      for (int times : few ? new int[] {1, 2, 5} : new int[] {1}) {
        double value = exact(times * Math.pow(10, power));
        if (value >= low && value <= top) {
          values.add(value);
        }
      }
    }
    return new Scale(low, top, values, true);
  }

  /** Without the last bit's noise of a product. */
  private static double exact(double value) {
    return new BigDecimal(value, new MathContext(12)).doubleValue();
  }

  /** Where a value lies between the ends, 0 to 1. */
  double share(double value) {
    return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  }

  /** A number in few characters: at most four digits that say something. */
  static String text(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    double size = Math.abs(value);
    String pattern =
        size == 0 || size >= 1000
            ? "#,##0"
            : size >= 1e-3
                ? "0." + "#".repeat((int) Math.max(0, 3 - Math.floor(Math.log10(size))))
                : "0.##E0";
    return new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value);
  }

  /** A share as a percentage. */
  static String percent(double share) {
    return Double.isNaN(share) ? "–" : String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }
}
