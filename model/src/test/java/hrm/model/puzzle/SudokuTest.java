package hrm.model.puzzle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SudokuTest {
  private static final String ANSWER_4 = "1234341221434321";
  private static final String ANSWER_6 = "123456456123231564564231312645645312";

  @Test
  void kinds_nameAndCells_leadToTheSameKind() {
    for (PuzzleKind kind : PuzzleKinds.ALL) {
      assertSame(kind, PuzzleKinds.named(kind.name()).orElseThrow());
      assertSame(kind, PuzzleKinds.ofCells(kind.cells()).orElseThrow());
    }
    assertEquals("sudoku-9x9", Sudoku.SIZE_9.name());
    assertEquals(81, Sudoku.SIZE_9.cells());
    assertEquals(11, Sudoku.SIZE_9.vocabulary());
    assertEquals(6, Sudoku.SIZE_4.vocabulary());
    assertEquals(Optional.empty(), PuzzleKinds.named("sudoku-5x5"));
    assertEquals(Optional.empty(), PuzzleKinds.ofCells(25));
  }

  @Test
  void parse_everyBlankAndDigit_becomesItsToken() {
    int[] tokens = Sudoku.SIZE_4.parse("._0123412.......");
    assertArrayEquals(new int[] {1, 1, 1, 2, 3, 4, 5, 2, 3, 1, 1, 1, 1, 1, 1, 1}, tokens);
    assertEquals("...123412.......", Sudoku.SIZE_4.text(tokens));
  }

  @Test
  void parse_wrongLength_saysBoth() {
    PuzzleException e = refused("text", () -> Sudoku.SIZE_9.parse("123"));
    assertEquals(
        "sudoku-9x9 has 81 cells, but the text has 3 characters; give one character a cell, row by row",
        e.getMessage());
  }

  @Test
  void parse_characterOfNoCell_isNamedWithItsPlace() {
    PuzzleException e = refused("text", () -> Sudoku.SIZE_4.parse("1234 41221434321"));
    assertTrue(e.getMessage().contains("row 2, column 1: symbol ' '"), e.getMessage());
    refused("text", () -> Sudoku.SIZE_4.parse("1235341221434321"));
    refused("text", () -> Sudoku.SIZE_6.parse(ANSWER_6.replace('6', '7')));
  }

  @Test
  void text_tokenOfNoSymbol_isAQuestionMark() {
    int[] tokens = Sudoku.SIZE_4.parse(ANSWER_4);
    tokens[0] = PuzzleKind.PAD;
    tokens[1] = 6;
    tokens[2] = -100;
    assertEquals("???4", Sudoku.SIZE_4.text(tokens).substring(0, 4));
  }

  @Test
  void check_properClues_passes() {
    assertDoesNotThrow(() -> Sudoku.SIZE_6.check(Sudoku.SIZE_6.parse(ANSWER_6)));
    assertDoesNotThrow(() -> Sudoku.SIZE_4.check(Sudoku.SIZE_4.parse(".".repeat(16))));
  }

  @Test
  void check_symbolOutOfRange_isNamedWithItsPlace() {
    int[] tokens = Sudoku.SIZE_9.parse(".".repeat(81));
    tokens[21] = 11;
    PuzzleException e = refused("tokens", () -> Sudoku.SIZE_9.check(tokens));
    assertTrue(e.getMessage().contains("row 3, column 4: token 11"), e.getMessage());
    tokens[21] = PuzzleKind.PAD;
    refused("tokens", () -> Sudoku.SIZE_9.check(tokens));
    refused("tokens", () -> Sudoku.SIZE_9.check(new int[80]));
  }

  @Test
  void check_equalClues_namesUnitAndBothCells() {
    contradiction(
        Sudoku.SIZE_9, 18, 26, "row 3, column 1 and row 3, column 9 are both 7 in one row");
    contradiction(
        Sudoku.SIZE_9, 4, 76, "row 1, column 5 and row 9, column 5 are both 7 in one column");
    contradiction(
        Sudoku.SIZE_9, 60, 80, "row 7, column 7 and row 9, column 9 are both 7 in one box");
    contradiction(
        Sudoku.SIZE_6, 15, 23, "row 3, column 4 and row 4, column 6 are both 7 in one box");
  }

  private static void contradiction(Sudoku kind, int one, int other, String message) {
    int digit = Math.min(7, kind.size());
    int[] tokens = kind.parse(".".repeat(kind.cells()));
    tokens[one] = digit + 1;
    kind.check(tokens);
    tokens[other] = digit + 1;
    PuzzleException e = refused("text", () -> kind.check(tokens));
    String expected = message.replace("both 7", "both " + digit);
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertEquals(List.of(one, other), kind.conflicts(tokens));
  }

  @Test
  void solves_changedClueBlankOrRepeat_isFalse() {
    Sudoku kind = Sudoku.SIZE_4;
    int[] answer = kind.parse(ANSWER_4);
    assertTrue(kind.solves(kind.parse("1.3............."), answer));
    assertFalse(kind.solves(kind.parse("2..............."), answer), "clue changed");
    assertFalse(kind.solves(answer, kind.parse(ANSWER_4.replace('4', '.'))), "blanks left");
    int[] repeated = answer.clone();
    repeated[15] = repeated[14];
    assertFalse(kind.solves(kind.parse(".".repeat(16)), repeated), "digit repeated");
    assertTrue(kind.conflicts(repeated).containsAll(List.of(14, 15)));
    assertFalse(kind.solves(answer, new int[15]), "wrong length");
  }

  @Test
  void solves_latinSquareWithWrongBoxes_isFalse() {
    Sudoku kind = Sudoku.SIZE_4;
    int[] latin = kind.parse("1234234134124123");
    assertFalse(kind.solves(kind.parse(".".repeat(16)), latin));
  }

  private static PuzzleException refused(String field, Runnable call) {
    PuzzleException e = assertThrows(PuzzleException.class, call::run);
    assertEquals(field, e.field());
    return e;
  }
}
