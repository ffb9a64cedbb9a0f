package hrm.cluster.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.cli.CommandException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;

class PuzzleFileTest {
  private static final String FOUR = "1.3...2....4....";
  private static final String SIX = "1" + ".".repeat(35);

  private static List<Puzzle> read(String text) throws IOException {
    return PuzzleFile.read("f", new BufferedReader(new StringReader(text)));
  }

  private static String refusal(String text) {
    CommandException e = assertThrows(CommandException.class, () -> read(text));
    assertEquals(CommandException.WRONG_INPUT, e.exitCode());
    return e.getMessage();
  }

  @Test
  void read_linesOfSeveralSizes_knowsTheirKinds() throws IOException {
    List<Puzzle> puzzles = read(FOUR + "\n" + SIX + "\n");
    assertEquals(
        List.of("sudoku-4x4", "sudoku-6x6"), puzzles.stream().map(p -> p.kind().name()).toList());
  }

  @Test
  void read_zeros_areBlanks() throws IOException {
    assertEquals(FOUR, read(FOUR.replace('.', '0')).get(0).text());
  }

  @Test
  void read_blankLinesCommentsAndWindowsEnds_areSkipped() throws IOException {
    assertEquals(2, read("\uFEFF# first\r\n\r\n" + FOUR + "\r\n  # second\n" + FOUR).size());
  }

  @Test
  void read_mazes_withWallsAndSpacesAtTheirEnds() throws IOException {
    String walls = "#".repeat(20) + ".".repeat(860) + "SG" + ".".repeat(18);
    String free = ".".repeat(20) + walls.substring(20);
    String lines = walls + "\n# a remark\n#\n" + free + "\n";
    for (String text : List.of(lines, "question,answer\n" + lines.replaceAll("(G\\.+)", "$1,"))) {
      for (String spelled : List.of(text, text.replace('.', ' '))) {
        List<Puzzle> read = read(spelled);
        assertEquals(List.of(walls, free), read.stream().map(Puzzle::text).toList());
      }
    }
  }

  @Test
  void read_mazeCutShort_isNoRemark() {
    String said = refusal("#".repeat(20) + "SG\n");
    assertTrue(said.contains("f:1: there are 22 characters"), said);
  }

  @Test
  void read_csv_takesTheQuestion() throws IOException {
    String csv = "source,question,answer,rating\nme, " + FOUR + " ,,3\n";
    assertEquals(FOUR, read(csv).get(0).text());
  }

  @Test
  void read_csvWithMissingColumn_isNamed() {
    String said = refusal("source,question,answer,rating\nme," + FOUR + "\n");
    assertTrue(said.contains("f:2: there are 2 columns where the header has 4"), said);
  }

  @Test
  void read_csvWithoutAHeader_isSaidOnceAndShort() {
    for (String separator : List.of(",", ";", "\t")) {
      String line = "me" + separator + SIX + separator + "x".repeat(200);
      String said = refusal(line + "\n" + line + "\n");
      assertTrue(said.startsWith("f:1: the first line names no column question: me"), said);
      assertTrue(said.length() < 300, said);
    }
  }

  @Test
  void read_contradictingClues_areNamed() {
    String said = refusal("11..............\n");
    assertTrue(said.contains("f:1: the clues contradict each other"), said);
  }

  @Test
  void read_manyBadLines_showsTheFirstFive() {
    String said = refusal("x\n".repeat(8) + FOUR);
    assertTrue(said.contains("8 of 9 lines") && said.contains("f:5:"), said);
    assertTrue(!said.contains("f:6:") && said.contains("and 3 more"), said);
  }

  @Test
  void read_nothing_isRefused() {
    assertTrue(refusal("# only this\n").contains("f holds no puzzle"));
  }
}
