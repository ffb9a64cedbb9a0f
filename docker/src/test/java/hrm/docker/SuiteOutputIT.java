package hrm.docker;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * All that the tests of this build have said, by their reports: every password and token that a
 * test sets has a certain word in it, which nobody may have said. This module is built last.
 */
class SuiteOutputIT {
  private static final String WORD = "hunter2";

  private static List<Path> reports() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(".."), 6)) {
      return files.filter(Files::isRegularFile).filter(SuiteOutputIT::isReport).toList();
    }
  }

  private static boolean isReport(Path path) {
    String folder = path.getParent().getFileName().toString();
    String name = path.getFileName().toString();
    return (folder.equals("surefire-reports") || folder.equals("failsafe-reports"))
        && (name.endsWith(".xml") || name.endsWith(".txt"))
        && !name.contains("SuiteOutputIT");
  }

  @Test
  void noSecret_isInWhatTheTestsHaveSaid() throws IOException {
    List<Path> reports = reports();
    assertFalse(reports.isEmpty(), "no test has run before this one: `mvn verify` runs them all");
    for (Path report : reports) {
      String said = new String(Files.readAllBytes(report), StandardCharsets.UTF_8);
      assertFalse(said.contains(WORD), () -> "a secret that a test set is in " + report);
    }
    assertTrue(
        reports.stream().anyMatch(report -> report.toString().endsWith(".xml")),
        "reports without output prove nothing");
  }
}
