package hrm.gateway;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The header {@code traceparent} of W3C Trace Context, level 1. */
final class W3cTrace {
  private static final Pattern FORM =
      Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

  private W3cTrace() {}

  /**
   * The value in version 00, from any version; empty when it is invalid, which the recommendation
   * says to ignore.
   *
   * @param value may be null
   */
  static Optional<String> traceparent(String value) {
    if (value == null || value.length() > 512) {
      return Optional.empty();
    }
    Matcher form = FORM.matcher(value);
    if (!form.matches()) {
      return Optional.empty();
    }
    String version = form.group(1);
    boolean known = version.equals("00");
    if (version.equals("ff") || known && form.group(5) != null) {
      return Optional.empty();
    }
    if (form.group(2).matches("0+") || form.group(3).matches("0+")) {
      return Optional.empty();
    }
    int flags = Integer.parseInt(form.group(4), 16);
    return Optional.of(
        "00-%s-%s-%02x".formatted(form.group(2), form.group(3), known ? flags : flags & 1));
  }
}
