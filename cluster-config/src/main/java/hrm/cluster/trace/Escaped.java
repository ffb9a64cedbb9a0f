package hrm.cluster.trace;

/** Text of others as it may stand on a terminal or in a line of a file. */
public final class Escaped {
  private Escaped() {}

  /**
   * Control, formatting and unpaired characters as {@code \}{@code u001b}: nothing moves the
   * cursor, ends the line or turns the text around.
   */
  public static String of(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            point -> {
              switch (Character.getType(point)) {
                case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    escaped.append(
                        point > 0xffff ? "\\U%08x".formatted(point) : "\\u%04x".formatted(point));
                default -> escaped.appendCodePoint(point);
              }
            });
    return escaped.toString();
  }

  /** Likewise, without spaces. */
  static String word(String text) {
    return of(text).replaceAll("\\s", "_");
  }
}
