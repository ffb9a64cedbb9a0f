package hrm.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.model.io.ModelFileException;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.Maze;
import hrm.model.puzzle.MazeGenerator;
import hrm.model.puzzle.Sudoku;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside the published builder's own output, in model/src/test/resources/sample-npy. */
class NpyWriterTest {
  private static final Path SAMPLE = Path.of("src/test/resources/sample-npy");

  @TempDir Path folder;

  private static String text(int[] tokens) {
    return Sudoku.SIZE_9.text(tokens);
  }

  private JsonObject metadata(String split) throws IOException {
    String json = Files.readString(folder.resolve(split).resolve("dataset.json"));
    return JsonParser.parseString(json).getAsJsonObject();
  }

  private static void assertSameArrays(Path expected, Path written) throws IOException {
    try (Stream<Path> arrays = Files.list(expected)) {
      for (Path array : arrays.filter(p -> p.toString().endsWith(".npy")).toList()) {
        assertArrayEquals(
            Files.readAllBytes(array),
            Files.readAllBytes(written.resolve(array.getFileName())),
            array.toString());
      }
    }
  }

  @Test
  void written_withoutCopies_isByteForByteTheBuilders() throws IOException {
    NpyWriter.write(CsvDataset.read(SAMPLE.resolve("csv/test.csv")), folder, "test", 0, 1);
    assertSameArrays(SAMPLE.resolve("test"), folder.resolve("test"));
    assertEquals(10, Datasets.open(folder, "test").size());
  }

  @Test
  void written_withCopies_hasTheOriginalFirst_andInt64() throws IOException {
    Pool csv = CsvDataset.read(SAMPLE.resolve("csv/train.csv"));
    NpyWriter.write(csv, folder, "train", 5, 1);
    NpyDataset npy = NpyDataset.read(folder.resolve("train"));
    assertEquals(20, npy.size());
    assertEquals(120, npy.eachExample().size());
    assertEquals(
        Files.size(SAMPLE.resolve("train/all__inputs.npy")),
        Files.size(folder.resolve("train/all__inputs.npy")));
    assertEquals(text(csv.example(3).inputs()), text(npy.example(3).inputs()));
    Example copy = npy.draw(3, new SplittableRandom(3));
    assertTrue(Sudoku.SIZE_9.solves(copy.inputs(), copy.labels()));
    assertEquals(20, metadata("train").get("total_groups").getAsInt());
    assertEquals(120, metadata("train").get("total_puzzles").getAsInt()); // TRM's loader asks
  }

  @Test
  void mazesWithCopies_areTheirDifferentImages_andUint8() throws IOException {
    MazeGenerator generator = new MazeGenerator(Maze.SIZE_30, 1);
    Pool mazes = Pool.of(Maze.SIZE_30, List.of(generator.next(), generator.next()));
    for (int copies : new int[] {7, 3}) {
      String split = "copies-" + copies;
      NpyWriter.write(mazes, folder, split, copies, 1);
      Dataset each = Datasets.open(folder, split).eachExample();
      Set<String> images = new HashSet<>();
      for (int i = 0; i < each.size(); i++) {
        Example example = each.example(i);
        assertTrue(Maze.SIZE_30.solves(example.inputs(), example.labels()));
        images.add(Maze.SIZE_30.text(example.inputs()));
      }
      assertEquals(2 * (copies + 1), images.size());
      assertArrayEquals(mazes.example(1).inputs(), each.example(copies + 1).inputs());
      assertEquals(
          128 + 2 * (copies + 1) * 900,
          Files.size(folder.resolve(split).resolve("all__inputs.npy")));
    }
    assertThrows(
        IllegalArgumentException.class, () -> NpyWriter.write(mazes, folder, "eight", 8, 1));
    assertFalse(Files.exists(folder.resolve("eight")));
  }

  @Test
  void copy_keepsEveryByte_andAddsTheNumberOfPuzzles() throws IOException {
    NpyWriter.copy(SAMPLE.resolve("train"), folder, "other");
    assertSameArrays(SAMPLE.resolve("train"), folder.resolve("other"));
    assertEquals(120, metadata("other").get("total_puzzles").getAsInt());
    assertEquals(1.0, metadata("other").get("mean_puzzle_examples").getAsDouble());
  }

  private static void array(Path file, int... values) throws IOException {
    try (OutputStream out = NpyFile.create(file, NpyFile.Type.INT32, values.length)) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asIntBuffer().put(values);
      out.write(bytes.array());
    }
  }

  /** Two sets: groups of puzzles 1 and 2, and of 3, with 2, 1 and 2 examples. */
  private Path tasks() throws IOException {
    Path split = Files.createDirectories(folder.resolve("tasks/test"));
    Files.writeString(folder.resolve("tasks/identifiers.json"), "[\"<blank>\",\"a\",\"b\",\"c\"]");
    Files.writeString(
        split.resolve("dataset.json"),
        """
        {"vocab_size": 9, "seq_len": 1, "num_puzzle_identifiers": 4, "ignore_label_id": null,
         "sets": ["one", "two"]}
        """);
    set(split, "one", 1, new int[] {0, 2, 3}, new int[] {0, 2}, 1, 2);
    set(split, "two", 4, new int[] {0, 2}, new int[] {0, 1}, 3);
    return split;
  }

  private static void set(
      Path split, String set, int token, int[] puzzles, int[] groups, int... identifiers)
      throws IOException {
    int rows = puzzles[puzzles.length - 1];
    for (String tokens : List.of("inputs", "labels")) {
      try (OutputStream out =
          NpyFile.create(
              split.resolve(set + "__" + tokens + ".npy"), NpyFile.Type.UINT8, rows, 1)) {
        for (int row = 0; row < rows; row++) {
          out.write(token + row);
        }
      }
    }
    array(split.resolve(set + "__puzzle_indices.npy"), puzzles);
    array(split.resolve(set + "__group_indices.npy"), groups);
    array(split.resolve(set + "__puzzle_identifiers.npy"), identifiers);
  }

  @Test
  void copy_ofSeveralSets_keepsExamplesAndIdentifiers() throws IOException {
    Path from = tasks();
    NpyWriter.copy(from, folder.resolve("copied"), "test");
    assertEquals(
        "[\"<blank>\",\"a\",\"b\",\"c\"]",
        Files.readString(folder.resolve("copied/identifiers.json")));
    Dataset copied = Datasets.open(folder.resolve("copied"), "test");
    assertEquals(2, copied.size());
    Dataset each = copied.eachExample();
    assertEquals(
        List.of("1 1", "2 1", "3 2", "4 3", "5 3"),
        IntStream.range(0, each.size())
            .mapToObj(each::example)
            .map(example -> example.inputs()[0] + " " + example.identifier())
            .toList());
    assertEquals(5, copied.subset(1, 2).eachExample().example(1).inputs()[0]);
    assertEquals(3, metadata("copied/test").get("total_puzzles").getAsInt());
    assertTrue(metadata("copied/test").get("ignore_label_id").isJsonNull());
    Files.writeString(folder.resolve("copied/identifiers.json"), "[]");
    assertThrows(
        ModelFileException.class, () -> NpyWriter.copy(from, folder.resolve("copied"), "train"));
    assertFalse(Files.exists(folder.resolve("copied/train")));
  }
}
