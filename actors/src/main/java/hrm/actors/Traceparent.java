package hrm.actors;

import hrm.proto.PuzzleJob;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The W3C trace context of a traced job. */
final class Traceparent {
  private Traceparent() {}

  /** What the job came with; else one that is the job's own, whoever makes it. */
  static String of(PuzzleJob job) {
    if (!job.getTraceparent().isEmpty()) {
      return job.getTraceparent();
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(job.getId().getBytes(StandardCharsets.UTF_8));
      HexFormat hex = HexFormat.of();
      return "00-%s-%s-01".formatted(hex.formatHex(digest, 0, 16), hex.formatHex(digest, 16, 24));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
