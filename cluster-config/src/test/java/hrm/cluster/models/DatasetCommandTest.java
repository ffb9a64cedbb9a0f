package hrm.cluster.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import hrm.cluster.Main;
import hrm.cluster.cli.Printed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

  @Test
  void generate_whereNothingCanBeWritten_namesTheFileThatWasAskedFor() throws Exception {
    Path file = Files.createFile(folder.resolve("file")).resolve("p.csv");
    assertEquals(2, generate("sudoku-4x4", 1, file));
    err.clear();
    assertEquals(2, generate("sudoku-4x4", 1, Path.of("/proc/p.csv")));
    assertTrue(err.text().contains("--out /proc/p.csv cannot be written"), err.text());
  }

  /** A folder with the splits train and test, of so many puzzles, the first twice. */
  private Path splits(int train, int test) throws Exception {
    Path all = folder.resolve("all.csv");
    assertEquals(0, generate("sudoku-4x4", train + test, all), err.text());
    List<String> lines = Files.readAllLines(all);
    for (String split : List.of("train", "test")) {
      List<String> some = new ArrayList<>(List.of(lines.get(0)));
      some.addAll(
          split.equals("train") ? lines.subList(1, train) : lines.subList(train + 1, train + test));
      some.add(some.get(1));
      Path csv = Files.write(folder.resolve(split + ".csv"), some);
      assertEquals(0, convert(csv, "splits", "--split=" + split), err.text());
    }
    return folder.resolve("splits");
  }

  private int convert(Path from, String to, String... more) {
    return Main.run(
        Stream.concat(
                Stream.of("dataset", "convert", from.toString(), "--out=" + folder.resolve(to)),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private JsonObject info(Path data, String... more) {
    out.clear();
    String[] args =
        Stream.concat(Stream.of("dataset", "info", data.toString(), "--json"), Stream.of(more))
            .toArray(String[]::new);
    assertEquals(0, Main.run(args), err.text());
    return out.json();
  }

  @Test
  void convert_ofAFolder_takesTheSplitOfThatName() throws Exception {
    Path splits = splits(20, 10);
    err.clear();
    assertEquals(0, convert(splits, "copy", "--split=test"), err.text());
    assertTrue(err.text().contains("read " + splits.resolve("test") + ": 10 puzzles"), err.text());
    JsonObject test = info(folder.resolve("copy"), "--split=test");
    assertEquals(10, test.get("puzzles").getAsInt());
    assertEquals(1, test.get("duplicate_puzzles").getAsInt());
    assertEquals(folder.resolve("copy/test").toString(), test.get("data").getAsString());
    assertEquals(2, convert(splits, "copy", "--split=valid"));
    assertTrue(err.text().contains("no dataset.json in it or in its folder valid"), err.text());
    assertEquals(2, convert(splits, "copy", "--augment=3"));
    assertTrue(err.text().contains("are kept as they are"), err.text());
  }

  @Test
  void generate_inACountryWithOtherDigits_writesTheSame() throws Exception {
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertEquals("\u0661", "%d".formatted(1), "other digits");
      assertEquals(0, generate("sudoku-4x4", 1, folder.resolve("p.csv")), err.text());
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
    String line = Files.readAllLines(folder.resolve("p.csv")).get(1);
    assertTrue(line.startsWith("hrm-seed-0,"), line);
  }
}
