package hrm.model.puzzle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MazeTest {
  private static final Maze KIND = Maze.SIZE_30;

  /** A field without walls, S and G three apart in the first row. */
  private static final String OPEN = "S..G" + ".".repeat(896);

  private static int[] board(String text) {
    return KIND.parse(text);
  }

  @Test
  void solves_anyShortestWay_andNothingElse() {
    int[] puzzle = board(OPEN);
    assertTrue(KIND.solves(puzzle, board("SooG" + ".".repeat(896))));
    assertFalse(KIND.solves(puzzle, board("So.G" + ".".repeat(896))), "broken off");
    String around = "S..G" + ".".repeat(26) + "oooo" + ".".repeat(866);
    assertFalse(KIND.solves(puzzle, board(around)), "longer than need be");
    assertFalse(KIND.solves(puzzle, board("SooGo" + ".".repeat(895))), "a cell too many");
    assertFalse(KIND.solves(puzzle, board("SooG#" + ".".repeat(895))), "a wall that was not there");
    assertFalse(KIND.solves(puzzle, puzzle), "no way at all");
    int[] walled = board("S#.G" + ".".repeat(896));
    assertFalse(KIND.solves(walled, board("SooG" + ".".repeat(896))), "through a wall");
  }

  @Test
  void conflicts_areTheEndsAndForksOfAWay() {
    assertEquals(List.of(), KIND.conflicts(board("SooG" + ".".repeat(896))));
    assertEquals(List.of(1, 3), KIND.conflicts(board("So.G" + ".".repeat(896))));
    String fork = "SooG" + ".".repeat(27) + "o" + ".".repeat(868); // below the first o
    assertEquals(List.of(1, 31), KIND.conflicts(board(fork)));
  }

  @Test
  void text_isReadBack_inBothSpellings() {
    assertEquals(OPEN, KIND.text(board(OPEN)));
    assertArrayEquals(board(OPEN), board(OPEN.replace('.', ' ')));
    assertEquals(
        List.of(3, 2, 2, 4), Arrays.stream(board(OPEN)).limit(4).boxed().toList(), "published ids");
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "S...", "SGG.", "S#..", "So.G"})
  void check_namesWhatIsWrong(String start) {
    String text =
        start.equals("S#..") // G behind walls
            ? "S#.G" + ".".repeat(26) + "#" + ".".repeat(869)
            : start + ".".repeat(900 - start.length());
    PuzzleException e = assertThrows(PuzzleException.class, () -> KIND.check(board(text)));
    String expected =
        switch (start) {
          case ".." -> "there are 0 cells S";
          case "S..." -> "there are 0 cells G";
          case "SGG." -> "there are 2 cells G";
          case "S#.." -> "no way leads from S to G";
          default -> "row 1, column 2: token 5 is not allowed in a puzzle";
        };
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  @Test
  void parse_wrongLengthOrSymbol_isRefused() {
    assertTrue(
        assertThrows(PuzzleException.class, () -> board("S.G"))
            .getMessage()
            .contains("the text has 3 characters"));
    assertTrue(
        assertThrows(PuzzleException.class, () -> board("S?" + ".".repeat(898)))
            .getMessage()
            .contains("row 1, column 2: symbol U+003F"));
  }

  @Test
  void generator_givesHardMazesWithOneShortestWay_eachOnce() {
    MazeGenerator generator = new MazeGenerator(KIND, 5);
    MazeGenerator again = new MazeGenerator(KIND, 5);
    Set<String> seen = new HashSet<>();
    int loops = 0;
    for (int i = 0; i < 200; i++) {
      Example maze = generator.next();
      assertArrayEquals(maze.inputs(), again.next().inputs());
      KIND.check(maze.inputs());
      assertTrue(KIND.solves(maze.inputs(), maze.labels()));
      long way = Arrays.stream(maze.labels()).filter(t -> t == Maze.WAY).count();
      assertTrue(way + 1 > 110, way + 1 + " steps");
      assertEquals(1, shortestWays(maze.inputs()), "shortest ways");
      loops += hasLoop(maze.inputs()) ? 1 : 0;
      for (int element = 0; element < Dihedral.ELEMENTS; element++) {
        String image = KIND.text(Dihedral.apply(maze.inputs(), 30, element));
        assertTrue(element > 0 || seen.add(image), "no maze twice");
        seen.add(image);
      }
    }
    assertTrue(loops > 100, loops + " of 200 have loops");
  }

  /** Counted from the start, without the generator's own search. */
  private static long shortestWays(int[] tokens) {
    int n = tokens.length;
    int[] distance = new int[n];
    long[] ways = new long[n];
    Arrays.fill(distance, Integer.MAX_VALUE);
    int start = Maze.find(tokens, Maze.START);
    distance[start] = 0;
    ways[start] = 1;
    ArrayDeque<Integer> queue = new ArrayDeque<>(List.of(start));
    while (!queue.isEmpty()) {
      int cell = queue.poll();
      for (int step : new int[] {-30, 30, -1, 1}) {
        int next = cell + step;
        boolean inside = next >= 0 && next < n && (Math.abs(step) == 30 || next / 30 == cell / 30);
        if (inside && tokens[next] != Maze.WALL) {
          if (distance[next] == Integer.MAX_VALUE) {
            distance[next] = distance[cell] + 1;
            queue.add(next);
          }
          if (distance[next] == distance[cell] + 1) {
            ways[next] += ways[cell];
          }
        }
      }
    }
    return ways[Maze.find(tokens, Maze.GOAL)];
  }

  private static boolean hasLoop(int[] tokens) {
    int open = 0;
    int edges = 0;
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] != Maze.WALL) {
        open++;
        edges += i % 30 < 29 && tokens[i + 1] != Maze.WALL ? 1 : 0;
        edges += i / 30 < 29 && tokens[i + 30] != Maze.WALL ? 1 : 0;
      }
    }
    return edges >= open;
  }

  @Test
  void dihedral_elementsAreThePublishedOnes() {
    int[] board = {1, 2, 3, 4}; // 1 2 / 3 4
    int[][] expected = {
      {1, 2, 3, 4}, {2, 4, 1, 3}, {4, 3, 2, 1}, {3, 1, 4, 2},
      {2, 1, 4, 3}, {3, 4, 1, 2}, {1, 3, 2, 4}, {4, 2, 3, 1}
    };
    for (int element = 0; element < Dihedral.ELEMENTS; element++) {
      assertArrayEquals(expected[element], Dihedral.apply(board, 2, element), "element " + element);
    }
  }

  @Test
  void symmetries_keepAMazeAndItsAnswerTogether() {
    Example maze = new MazeGenerator(KIND, 6).next();
    SplittableRandom random = new SplittableRandom(1);
    Set<String> images = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      Example image = Symmetries.of(KIND).apply(maze, random);
      assertTrue(KIND.solves(image.inputs(), image.labels()));
      images.add(KIND.text(image.inputs()));
    }
    assertEquals(8, images.size());
  }
}
