package hrm.cluster.cli;

/** Colours of a terminal, or none. */
public record Colours(boolean on) {
  /** On a terminal, unless NO_COLOR is set; the launcher knows whether stdout is one. */
  public static Colours ofStdout() {
    return new Colours(Boolean.getBoolean("hrm.terminal.out") && System.getenv("NO_COLOR") == null);
  }

  public String red(String text) {
    return code("31", text);
  }

  public String green(String text) {
    return code("32", text);
  }

  public String bold(String text) {
    return code("1", text);
  }

  private String code(String code, String text) {
    return on ? "\033[" + code + "m" + text + "\033[0m" : text;
  }
}
