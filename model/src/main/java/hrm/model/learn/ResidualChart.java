package hrm.model.learn;

import hrm.model.learn.Canvas.Anchor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The convergence figure: residuals on a log scale over ticks. Within a cycle L falls, at each new
 * directive it jumps; H settles from step to step.
 *
 * @param model its name
 */
public record ResidualChart(Residuals residuals, String model) {
  private static final int WIDTH = 960;
  private static final int HEIGHT = 430;
  private static final int LEFT = 70;
  private static final int RIGHT = 24;
  private static final int TOP = 88;
  private static final int BOTTOM = 56;
  private static final String LOW = "#1f77b4";
  private static final String HIGH = "#d6522c";
  private static final String INK = "#222222";
  private static final String GREY = "#767676";
  private static final String GRID = "#e3e3e3";
  private static final int MOST_DOTS = 130;

  /** As an SVG document. */
  public void svg(OutputStream out) throws IOException {
    SvgCanvas canvas = new SvgCanvas(WIDTH, HEIGHT, title());
    draw(canvas);
    out.write(canvas.document().getBytes(StandardCharsets.UTF_8));
  }

  /** As a PNG of 1920 x 860 pixels. */
  public void png(OutputStream out) throws IOException {
    try (ImageCanvas canvas = new ImageCanvas(WIDTH, HEIGHT)) {
      draw(canvas);
      canvas.write(out);
    }
  }

  private String title() {
    return "%s: forward residuals of z_L per tick and z_H per step, %d puzzles"
        .formatted(model, residuals.low()[0].length);
  }

  private void draw(Canvas canvas) {
    List<Residuals.Step> low = residuals.lowSteps();
    List<Residuals.Step> high = residuals.highSteps();
    Plot plot = new Plot(canvas, low.size(), up(low, high));
    canvas.text(LEFT, 24, title(), 15, INK, Anchor.START);
    legend(canvas);
    plot.frame(residuals.lCycles() * residuals.hCycles());
    double[] ticks = new double[low.size()];
    for (int i = 0; i < ticks.length; i++) {
      ticks[i] = i + 1;
    }
    double[] steps = new double[high.size()];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = (i + 1) * residuals.lCycles();
    }
    plot.series(ticks, low, LOW);
    plot.series(steps, high, HIGH);
  }

  private void legend(Canvas canvas) {
    canvas.line(new double[] {LEFT, LEFT + 22}, new double[] {44, 44}, LOW, 2, false);
    canvas.text(LEFT + 28, 48, "z_L, each tick", 12, INK, Anchor.START);
    canvas.line(new double[] {LEFT + 130, LEFT + 152}, new double[] {44, 44}, HIGH, 2, false);
    canvas.text(LEFT + 158, 48, "z_H, each step", 12, INK, Anchor.START);
    canvas.text(
        LEFT + 270,
        48,
        "line: mean; band: from the 10th to the 90th percentile of the puzzles; ‖z‖ = "
            + Scale.text(Math.rint(Math.sqrt(residuals.size()) * 10) / 10),
        12,
        GREY,
        Anchor.START);
  }

  private static Scale up(List<Residuals.Step> low, List<Residuals.Step> high) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (List<Residuals.Step> steps : List.of(low, high)) {
      for (Residuals.Step step : steps) {
        least = Math.min(least, shown(step.low()));
        most = Math.max(most, shown(step.high()));
      }
    }
    return Scale.log(least / 1.2, most * 1.2);
  }

  /** A state that does not move at all is below every scale. */
  private static double shown(double value) {
    return Double.isFinite(value) ? Math.max(value, 1e-6) : 1e-6;
  }

  /** Axes, and what is drawn between them. */
  private record Plot(Canvas canvas, int ticks, Scale up) {
    double x(double tick) {
      return LEFT + (WIDTH - LEFT - RIGHT) * (tick - 0.5) / ticks;
    }

    double y(double value) {
      return HEIGHT - BOTTOM - up.share(value) * (HEIGHT - TOP - BOTTOM);
    }

    void frame(int ticksASegment) {
      for (double value : up.values()) {
        line(LEFT, y(value), WIDTH - RIGHT, y(value), GRID, false);
        canvas.text(LEFT - 8, y(value) + 4, Scale.text(value), 12, GREY, Anchor.END);
      }
      int segments = ticks / ticksASegment;
      int every = Math.max(1, (int) Math.ceil(segments / 32.0));
      for (int segment = 0; segment < segments; segment++) {
        double at = x(segment * ticksASegment + 0.5);
        if (segment > 0) {
          line(at, TOP, at, HEIGHT - BOTTOM, "#b5b5b5", true);
        }
        if (segment % every == 0) {
          canvas.text(
              (at + x((segment + 1) * ticksASegment + 0.5)) / 2,
              HEIGHT - BOTTOM + 18,
              "" + (segment + 1),
              12,
              GREY,
              Anchor.MIDDLE);
        }
      }
      line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, INK, false);
      canvas.text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "segment", 12, INK, Anchor.MIDDLE);
      canvas.text(14, TOP - 12, "‖z(t) − z(t−1)‖", 12, INK, Anchor.START);
    }

    private void line(double x1, double y1, double x2, double y2, String colour, boolean dashed) {
      canvas.line(new double[] {x1, x2}, new double[] {y1, y2}, colour, 1, dashed);
    }

    void series(double[] at, List<Residuals.Step> steps, String colour) {
      int n = steps.size();
      double[] x = new double[2 * n];
      double[] y = new double[2 * n];
      for (int i = 0; i < n; i++) {
        x[i] = x(at[i]);
        y[i] = y(shown(steps.get(i).high()));
        x[2 * n - 1 - i] = x[i];
        y[2 * n - 1 - i] = y(shown(steps.get(i).low()));
      }
      canvas.area(x, y, colour, 0.16);
      double[] across = java.util.Arrays.copyOf(x, n);
      double[] mean = column(steps, step -> y(shown(step.mean())));
      canvas.line(across, mean, colour, 1.8, false);
      for (int i = 0; i < n && n <= MOST_DOTS; i++) {
        canvas.dot(across[i], mean[i], 2.4, colour);
      }
    }

    private static double[] column(
        List<Residuals.Step> steps, ToDoubleFunction<Residuals.Step> value) {
      return steps.stream().mapToDouble(value).toArray();
    }
  }
}
