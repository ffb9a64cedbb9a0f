package hrm.model.puzzle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  @Test
  void apply_everySize_keepsPuzzlesProper() {
    for (Sudoku kind : new Sudoku[] {Sudoku.SIZE_4, Sudoku.SIZE_6, Sudoku.SIZE_9}) {
      SudokuGenerator generator = new SudokuGenerator(kind, 3);
      SudokuSolver solver = new SudokuSolver(kind);
      Augmentation augmentation = new Augmentation(kind);
      SplittableRandom random = new SplittableRandom(5);
      for (int i = 0; i < 200; i++) {
        Example example = generator.next();
        Example copy = augmentation.apply(example, random);
        assertTrue(kind.solves(copy.inputs(), copy.labels()));
        assertEquals(1, solver.count(copy.inputs(), 2));
        assertEquals(clues(example), clues(copy));
      }
    }
  }

  @Test
  void apply_oneBoard_reachesItsWholeClass() {
    // 4x4 has 288 boards in two classes under these symmetries, of 96 and 192
    Sudoku kind = Sudoku.SIZE_4;
    assertEquals(96, orbit(kind, "1234341221434321"));
    assertEquals(192, orbit(kind, "1234341221434321".replace("21434321", "23414123")));
  }

  private static int orbit(Sudoku kind, String board) {
    int[] labels = kind.parse(board);
    assertTrue(kind.solves(labels, labels), board);
    Augmentation augmentation = new Augmentation(kind);
    SplittableRandom random = new SplittableRandom(1);
    Set<String> boards = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      boards.add(kind.text(augmentation.apply(new Example(labels, labels), random).labels()));
    }
    return boards.size();
  }

  @Test
  void apply_singleClue_reachesEveryCell() {
    Sudoku kind = Sudoku.SIZE_6;
    int[] inputs = kind.parse("1" + ".".repeat(35));
    Augmentation augmentation = new Augmentation(kind);
    SplittableRandom random = new SplittableRandom(1);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      seen.add(kind.text(augmentation.apply(new Example(inputs, inputs), random).inputs()));
    }
    assertEquals(36 * 6, seen.size());
  }

  @Test
  void apply_sameRandom_givesTheSameCopy() {
    Example example = new SudokuGenerator(Sudoku.SIZE_9, 1).next();
    Augmentation augmentation = new Augmentation(Sudoku.SIZE_9);
    Example one = augmentation.apply(example, new SplittableRandom(9));
    augmentation.apply(example, new SplittableRandom(10)); // leaves nothing behind
    Example other = augmentation.apply(example, new SplittableRandom(9));
    assertArrayEquals(one.inputs(), other.inputs());
    assertArrayEquals(one.labels(), other.labels());
  }

  private static long clues(Example example) {
    return Arrays.stream(example.inputs()).filter(t -> t != Sudoku.BLANK).count();
  }
}
