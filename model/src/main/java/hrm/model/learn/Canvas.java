package hrm.model.learn;

/**
 * What a chart is drawn on: units of one pixel, from the upper left corner. Colours are "#rrggbb".
 */
interface Canvas {
  /** How text lies at its place. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  /** A line through all points. */
  void line(double[] x, double[] y, String colour, double width, boolean dashed);

  /** An area without an outline. */
  void area(double[] x, double[] y, String colour, double opacity);

  void dot(double x, double y, double radius, String colour);

  /** One line of text on its base line. */
  void text(double x, double y, String text, double size, String colour, Anchor anchor);
}
