package hrm.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hrm command in an archive without libraries, with a Java that only says how it was called.
 */
class LauncherTest {
  private static final String JAVA =
      """
      #!/bin/sh
      if [ "$1" = -version ]; then echo 'openjdk version "17.0.1"'; else echo "$@"; fi
      """;

  private record Ran(int code, String said) {}

  @TempDir Path folder;

  @BeforeEach
  void unpack() throws IOException {
    Files.createDirectories(folder.resolve("bin"));
    Files.copy(Path.of("../hrm"), folder.resolve("bin/hrm"));
    Files.createDirectories(folder.resolve("lib"));
    Files.writeString(folder.resolve("lib/hrm.jar"), "");
    java(JAVA);
  }

  private void java(String script) throws IOException {
    Path java = folder.resolve("jdk/bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(java, script);
    assertTrue(java.toFile().setExecutable(true));
  }

  private Ran run(Map<String, String> environment) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(List.of("bash", "bin/hrm", "status"))
            .directory(folder.toFile())
            .redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("HRM_"));
    builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), said);
  }

  @Test
  void javaThatFails_isNamed_withWhatItSays() throws Exception {
    java("#!/bin/sh\necho 'Unrecognized option: -Xfoo' >&2\nexit 1\n");
    Ran ran = run(Map.of());
    assertEquals(1, ran.code());
    assertTrue(ran.said().startsWith("hrm: " + folder.resolve("jdk/bin/java")), ran.said());
    assertTrue(ran.said().contains("JAVA_TOOL_OPTIONS"), ran.said());
    assertTrue(ran.said().contains("Unrecognized option: -Xfoo"), ran.said());
  }

  @Test
  void javaThatIsTooOld_isNamedWithItsVersion() throws Exception {
    java("#!/bin/sh\necho 'java version \"11.0.2\"' >&2\n");
    Ran ran = run(Map.of());
    assertEquals(1, ran.code());
    assertTrue(ran.said().contains("java is version 11 "), ran.said());
  }

  @Test
  void home_isWhereTheCommandLies_whateverCdpathSays() throws Exception {
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    Files.createDirectories(elsewhere.resolve("bin"));
    Ran ran = run(Map.of("CDPATH", elsewhere.toString()));
    assertEquals(0, ran.code(), ran.said());
    String home = "-Dhrm.home=" + folder.toRealPath() + " ";
    assertTrue(ran.said().contains(home), ran.said());
  }
}
