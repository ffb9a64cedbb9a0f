package hrm.model.puzzle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SudokuGeneratorTest {
  @Test
  void generator_everySize_makesProperPuzzlesWithTheirAnswers() {
    proper(Sudoku.SIZE_4, 2000, 4, 8);
    proper(Sudoku.SIZE_6, 1000, 8, 16);
    proper(Sudoku.SIZE_9, 100, 17, 34);
  }

  private static void proper(Sudoku kind, int puzzles, int fewest, int most) {
    SudokuGenerator generator = new SudokuGenerator(kind, 7);
    SudokuSolver solver = new SudokuSolver(kind);
    Set<Long> counts = new HashSet<>();
    Set<String> boards = new HashSet<>();
    for (int i = 0; i < puzzles; i++) {
      Example example = generator.next();
      assertTrue(kind.solves(example.inputs(), example.labels()));
      assertEquals(1, solver.count(example.inputs(), 2));
      assertArrayEquals(example.labels(), solver.solve(example.inputs()));
      counts.add(Arrays.stream(example.inputs()).filter(t -> t != Sudoku.BLANK).count());
      boards.add(kind.text(example.labels()));
    }
    assertTrue(counts.stream().allMatch(c -> c >= fewest && c <= most), kind + " " + counts);
    assertTrue(counts.size() >= 4, kind + " " + counts);
    assertTrue(boards.size() >= Math.min(280, puzzles * 99 / 100), kind + " " + boards.size());
  }

  @Test
  void generator_sameSeed_makesTheSamePuzzles() {
    SudokuGenerator one = new SudokuGenerator(Sudoku.SIZE_6, 42);
    SudokuGenerator other = new SudokuGenerator(Sudoku.SIZE_6, 42);
    SudokuGenerator different = new SudokuGenerator(Sudoku.SIZE_6, 43);
    boolean differs = false;
    for (int i = 0; i < 50; i++) {
      Example example = one.next();
      Example same = other.next();
      assertArrayEquals(example.inputs(), same.inputs());
      assertArrayEquals(example.labels(), same.labels());
      differs |= !Arrays.equals(example.labels(), different.next().labels());
    }
    assertTrue(differs);
  }

  @Test
  void generator_knownSeed_makesTheKnownPuzzles() {
    // Bundled models name their training puzzles by a seed: the draws must not change.
    assertEquals("...1.14.23..142.", first(Sudoku.SIZE_4));
    assertEquals("......632....21....5...3...56.....41", first(Sudoku.SIZE_6));
  }

  private static String first(Sudoku kind) {
    return kind.text(new SudokuGenerator(kind, 1).next().inputs());
  }
}
