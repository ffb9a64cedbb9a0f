package hrm.cluster.trace;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ids of a trace and its spans. They follow from the job, so that a trace that is sent twice is the
 * same trace.
 *
 * @param trace 16 bytes: of the caller's trace where the job came with one
 * @param parent 8 bytes, the caller's span; empty when there is none
 */
record TraceIds(ByteString trace, ByteString parent, String job) {
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?");

  /**
   * @param traceparent W3C trace context; one that is not well-formed counts as none
   */
  static TraceIds of(String job, String traceparent) {
    Matcher matcher = TRACEPARENT.matcher(traceparent);
    boolean well =
        matcher.matches()
            && !traceparent.startsWith("ff")
            && !matcher.group(1).matches("0+")
            && !matcher.group(2).matches("0+");
    return well
        ? new TraceIds(bytes(matcher.group(1)), bytes(matcher.group(2)), job)
        : new TraceIds(hash(16, "trace", job), ByteString.EMPTY, job);
  }

  /** 8 bytes. */
  ByteString span(Object... names) {
    StringBuilder text = new StringBuilder("span").append('\0').append(job);
    for (Object name : names) {
      text.append('\0').append(name);
    }
    return hash(8, text.toString());
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static ByteString hash(int bytes, String... texts) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(String.join("\0", texts).getBytes(StandardCharsets.UTF_8));
      return ByteString.copyFrom(hash, 0, bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
