package hrm.cluster.cli;

import ch.qos.logback.core.PropertyDefinerBase;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What {@code HRM_LOG} says to logback: {@code json}, a level, or both with a comma. Used by
 * logback.xml.
 */
public final class LogFormat extends PropertyDefinerBase {
  private static final String JSON = "json";
  private String what;

  /** Called by logback: {@code format} or {@code level}. */
  public void setWhat(String what) {
    this.what = what;
  }

  @Override
  public String getPropertyValue() {
    String said = System.getenv("HRM_LOG");
    return of(what, said == null ? "" : said);
  }

  static String of(String what, String said) {
    List<String> words =
        Arrays.stream(said.toLowerCase(Locale.ROOT).split("[,\\s]+"))
            .filter(w -> !w.isEmpty())
            .toList();
    if (what.equals("format")) {
      return words.contains(JSON) ? JSON : "text";
    }
    return words.stream()
        .filter(word -> word.matches("trace|debug|info|warn|error|off"))
        .findFirst()
        .orElse("info")
        .toUpperCase(Locale.ROOT);
  }
}
