package hrm.cluster.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.Main;
import hrm.cluster.cli.Printed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class DatasetCommandTest {
  @RegisterExtension final Printed out = Printed.onStdout();
  @RegisterExtension final Printed err = Printed.onStderr();

  @TempDir Path folder;

  private int generate(String kind, int count, Path file) {
    return Main.run("dataset", "generate", kind, "--count=" + count, "--out=" + file);
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    }
  }

  @Test
  void generate_writesTheWholeFile() throws Exception {
    Path file = folder.resolve("p.csv");
    assertEquals(0, generate("sudoku-4x4", 50, file), err.text());
    assertEquals(51, Files.readAllLines(file).size());
    assertEquals(List.of(file), files());
    assertEquals("", err.text());
    assertEquals(2, generate("sudoku-4x4", 50, file));
    assertTrue(err.text().contains("exists already"), err.text());
  }
}
