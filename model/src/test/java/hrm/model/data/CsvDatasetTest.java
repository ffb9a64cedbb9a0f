package hrm.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.io.ModelFileException;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.Maze;
import hrm.model.puzzle.MazeGenerator;
import hrm.model.puzzle.Sudoku;
import hrm.model.puzzle.SudokuGenerator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvDatasetTest {
  private static final String ANSWER = "1234341221434321";
  private static final String QUESTION = "1...34....434..1";

  @TempDir Path folder;

  private Path file(String text) throws Exception {
    return Files.write(folder.resolve("p.csv"), text.getBytes(StandardCharsets.UTF_8));
  }

  private String refused(String text) throws Exception {
    Path file = file(text);
    String message =
        assertThrows(ModelFileException.class, () -> CsvDataset.read(file)).getMessage();
    assertTrue(message.startsWith(file.toString()), message);
    return message.substring(file.toString().length());
  }

  @Test
  void columns_areFoundByTheirNames() throws Exception {
    Pool pool =
        CsvDataset.read(
            file(
                "\uFEFFrating,answer,question\n# a remark\n\n7,%s,%s\n"
                    .formatted(ANSWER, QUESTION)));
    assertEquals(1, pool.size());
    assertEquals("sudoku-4x4", pool.kind().name());
    assertEquals(16, pool.seqLen());
    assertEquals(6, pool.vocabSize());
    Example example = pool.example(0);
    assertEquals(QUESTION, pool.kind().text(example.inputs()));
    assertEquals(ANSWER, pool.kind().text(example.labels()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "question,answer;1...34....434..1,1234341221434312 | :2: the answer does not solve",
        "question,answer;1...34....434..1,2234341221434321 | :2: the answer does not solve",
        "question,answer;1...34....434..,1234341221434321 | :2: the question has 15 characters",
        "question,answer;1...34....434..1,123434122143432 | :2: the answer: ",
        "question,answer;1...34....434..1, | :2: the answer: ",
        "question,answer;11..34....434..1,1234341221434321 | :2: ",
        "question,answer;1...34....434..x,1234341221434321 | :2: ",
        "question,answer;1...34....434..1 | :2: there are 1 columns where the header has 2",
        "question,solution;1...34....434..1,x | :1: the header has no column answer",
        "1...34....434..1,1234341221434321 | :1: the header has no column question",
        "question,answer | : holds no puzzle"
      })
  void badLine_isNamedWithItsNumber(String lines, String expected) throws Exception {
    String message = refused(lines.strip().replace(";", "\n") + "\n");
    assertTrue(message.startsWith(expected.stripTrailing()), message);
  }

  private static String row(Example maze) {
    return Maze.SIZE_30.text(maze.inputs()) + "," + Maze.SIZE_30.text(maze.labels()) + "\n";
  }

  @Test
  void mazesThatBeginWithAWall_arePuzzles_andRemarksAreNot() throws Exception {
    MazeGenerator generator = new MazeGenerator(Maze.SIZE_30, 1);
    StringBuilder text = new StringBuilder("# mazes\nquestion,answer\n# a remark, with a comma\n");
    for (int i = 0; i < 20; i++) {
      text.append(row(generator.next())).append("#\n");
    }
    assertTrue(text.toString().contains("\n##"), "one begins with walls");
    assertEquals(20, CsvDataset.read(file(text.toString())).size());
    assertEquals(20, CsvDataset.read(file(text.toString().replace('.', ' '))).size());
    assertEquals( // cut short, or with a wrong symbol: not taken for remarks
        ":2: the question has 40 characters",
        refused("question,answer\n##S" + "#".repeat(37) + ",#\n").substring(0, 34));
    assertTrue(
        refused("question,answer\n#x" + "S".repeat(898) + ",#\n")
            .startsWith(":2: row 1, column 2"));
  }

  @Test
  void anotherKindInTheSameFile_isRefused() throws Exception {
    String message =
        refused(
            "question,answer\n%s,%s\n%s,%s\n"
                .formatted(QUESTION, ANSWER, ".".repeat(36), ".".repeat(36)));
    assertTrue(message.startsWith(":3: "), message);
  }

  @Test
  void emptyFile_andBytesThatAreNoText_areRefused() throws Exception {
    assertTrue(refused("").contains("holds no puzzle"));
    Path file = Files.write(folder.resolve("b.csv"), new byte[] {'q', (byte) 0xff, (byte) 0xfe});
    assertTrue(
        assertThrows(ModelFileException.class, () -> CsvDataset.read(file))
            .getMessage()
            .contains("UTF-8"));
  }

  @Test
  void manyPuzzles_stayThemselves_inViewsToo() throws Exception {
    SudokuGenerator generator = new SudokuGenerator(Sudoku.SIZE_4, 1);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 9000; i++) { // more than a piece
      examples.add(generator.next());
    }
    Pool pool = Pool.of(Sudoku.SIZE_4, examples);
    Dataset view = pool.subset(4090, 4100).subset(5, 10);
    for (int i = 0; i < 5; i++) {
      assertArrayEquals(examples.get(4095 + i).inputs(), view.example(i).inputs());
      assertArrayEquals(examples.get(4095 + i).labels(), view.example(i).labels());
    }
    assertArrayEquals(examples.get(8999).inputs(), pool.example(8999).inputs());
    assertThrows(IndexOutOfBoundsException.class, () -> view.example(5));
    assertThrows(IndexOutOfBoundsException.class, () -> view.subset(0, 6));
  }

  @Test
  void draw_isAnEqualPuzzle_andTheSameForTheSameRandom() throws Exception {
    Pool pool = CsvDataset.read(file("question,answer\n%s,%s\n".formatted(QUESTION, ANSWER)));
    Example drawn = pool.draw(0, new SplittableRandom(5));
    assertTrue(Sudoku.SIZE_4.solves(drawn.inputs(), drawn.labels()));
    assertArrayEquals(drawn.inputs(), pool.draw(0, new SplittableRandom(5)).inputs());
    boolean changed = false;
    for (int seed = 0; seed < 20; seed++) {
      changed |=
          !java.util.Arrays.equals(
              drawn.inputs(), pool.draw(0, new SplittableRandom(seed)).inputs());
    }
    assertTrue(changed);
  }
}
