package hrm.model.puzzle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SudokuSolverTest {
  @Test
  void solve_publishedPuzzles_agreesWithTheirAnswers() throws IOException {
    List<String> entries;
    try (InputStream in = Sudoku.class.getResourceAsStream("/hrm/puzzles/sudoku-9x9.csv")) {
      entries = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().skip(1).toList();
    }
    assertEquals(200, entries.size());
    Sudoku kind = Sudoku.SIZE_9;
    SudokuSolver solver = new SudokuSolver(kind);
    for (String entry : entries) {
      String[] fields = entry.split(",");
      int[] puzzle = kind.parse(fields[1]);
      assertEquals(fields[2], kind.text(solver.solve(puzzle)));
      assertEquals(1, solver.count(puzzle, 2));
    }
  }

  @Test
  void countSolutions_emptyBoard_isTheKnownNumber() {
    SudokuSolver solver = new SudokuSolver(Sudoku.SIZE_4);
    assertEquals(288, solver.count(Sudoku.SIZE_4.parse(".".repeat(16)), 1000));
  }

  @Test
  void countSolutions_emptySixBySixWithFirstRow_isTheKnownNumber() {
    SudokuSolver solver = new SudokuSolver(Sudoku.SIZE_6);
    int[] puzzle = Sudoku.SIZE_6.parse("123456" + ".".repeat(30));
    assertEquals(28_200_960 / 720, solver.count(puzzle, Integer.MAX_VALUE));
  }

  @Test
  void countSolutions_limit_isNotPassed() {
    SudokuSolver solver = new SudokuSolver(Sudoku.SIZE_9);
    int[] empty = Sudoku.SIZE_9.parse(".".repeat(81));
    assertEquals(2, solver.count(empty, 2));
  }

  @Test
  void solver_contradictionThenPuzzle_isNotDisturbed() {
    SudokuSolver solver = new SudokuSolver(Sudoku.SIZE_4);
    assertEquals(0, solver.count(Sudoku.SIZE_4.parse("11.............."), 5));
    int[] answer = Sudoku.SIZE_4.parse("1234341221434321");
    assertArrayEquals(answer, solver.solve(answer));
  }

  @Test
  void solve_noAnswer_saysSo() {
    // row 1 lacks only 4, which column 4 has already
    int[] puzzle = Sudoku.SIZE_4.parse("123............4");
    SudokuSolver solver = new SudokuSolver(Sudoku.SIZE_4);
    assertEquals(0, solver.count(puzzle, 2));
    assertNull(solver.solve(puzzle));
  }
}
