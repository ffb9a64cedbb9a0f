package hrm.model.learn;

import java.util.Locale;

/** A canvas that becomes an SVG document on white. */
final class SvgCanvas implements Canvas {
  private final StringBuilder svg = new StringBuilder();

  /**
   * @param title what a reader without the picture gets
   */
  SvgCanvas(int width, int height, String title) {
    add(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" font-family="sans-serif">
        <title>%s</title>
        <rect width="%d" height="%d" fill="#ffffff"/>
        """,
        width, height, width, height, LineChart.escape(title), width, height);
  }

  @Override
  public void line(double[] x, double[] y, String colour, double width, boolean dashed) {
    add(
        "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%.2f\""
            + " stroke-linejoin=\"round\"%s/>%n",
        path(x, y), colour, width, dashed ? " stroke-dasharray=\"2 4\"" : "");
  }

  @Override
  public void area(double[] x, double[] y, String colour, double opacity) {
    add("<path d=\"%sZ\" fill=\"%s\" fill-opacity=\"%.2f\"/>%n", path(x, y), colour, opacity);
  }

  @Override
  public void dot(double x, double y, double radius, String colour) {
    add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\"/>%n", x, y, radius, colour);
  }

  @Override
  public void text(double x, double y, String text, double size, String colour, Anchor anchor) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.0f\" fill=\"%s\" text-anchor=\"%s\">%s</text>%n",
        x, y, size, colour, anchor.name().toLowerCase(Locale.ROOT), LineChart.escape(text));
  }

  private static String path(double[] x, double[] y) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < x.length; i++) {
      path.append(String.format(Locale.ROOT, "%c%.1f %.1f", i == 0 ? 'M' : 'L', x[i], y[i]));
    }
    return path.toString();
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }

  String document() {
    return svg + "</svg>\n";
  }
}
