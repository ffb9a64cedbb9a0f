package hrm.model.puzzle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Mazes on a square grid: find the shortest way from S to G, moving up, down, left or right. Tokens
 * as published for Maze-Hard: 0 PAD, then the characters {@code "# SGo"}: wall, free cell, start,
 * goal, and in an answer the cells of the way. Text has '.' for a free cell; a space is read too.
 */
public final class Maze implements PuzzleKind {
  public static final Maze SIZE_30 = new Maze(30);

  static final int WALL = 1;
  static final int FREE = 2;
  static final int START = 3;
  static final int GOAL = 4;
  static final int WAY = 5;
  private static final String SYMBOLS = "?#.SGo"; // by token

  private final int size;

  private Maze(int size) {
    this.size = size;
  }

  public int size() {
    return size;
  }

  @Override
  public String name() {
    return "maze-" + size + "x" + size;
  }

  @Override
  public int cells() {
    return size * size;
  }

  @Override
  public int vocabulary() {
    return SYMBOLS.length();
  }

  @Override
  public int[] parse(String text) {
    if (text.length() != cells()) {
      throw new PuzzleException(
          "text",
          "%s has %d cells, but the text has %d characters; give one character a cell, row by row"
              .formatted(name(), cells(), text.length()));
    }
    int[] tokens = new int[cells()];
    for (int i = 0; i < tokens.length; i++) {
      char symbol = text.charAt(i) == ' ' ? '.' : text.charAt(i);
      tokens[i] = SYMBOLS.indexOf(symbol);
      if (tokens[i] < WALL) {
        throw new PuzzleException(
            "text",
            "%s: symbol U+%04X is not allowed; use '#' for a wall, '.' or a space for a free cell, 'S', 'G', and 'o' for the way"
                .formatted(place(i), (int) symbol));
      }
    }
    return tokens;
  }

  @Override
  public void check(int[] tokens) {
    if (tokens.length != cells()) {
      throw new PuzzleException(
          "tokens",
          "%s has %d cells, but there are %d tokens".formatted(name(), cells(), tokens.length));
    }
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < WALL || tokens[i] > GOAL) {
        throw new PuzzleException(
            "tokens",
            "%s: token %d is not allowed in a puzzle; use 1 for a wall, 2 for a free cell, 3 for S, 4 for G"
                .formatted(place(i), tokens[i]));
      }
    }
    one(tokens, START);
    one(tokens, GOAL);
    if (distances(tokens, find(tokens, START))[find(tokens, GOAL)] < 0) {
      throw new PuzzleException("text", "no way leads from S to G; open a wall");
    }
  }

  private void one(int[] tokens, int token) {
    long count = Arrays.stream(tokens).filter(t -> t == token).count();
    if (count != 1) {
      throw new PuzzleException(
          "text", "there are %d cells %s; a maze has one".formatted(count, SYMBOLS.charAt(token)));
    }
  }

  private String place(int cell) {
    return "row %d, column %d".formatted(cell / size + 1, cell % size + 1);
  }

  @Override
  public String text(int[] tokens) {
    StringBuilder text = new StringBuilder(tokens.length);
    for (int token : tokens) {
      text.append(SYMBOLS.charAt(token > 0 && token < SYMBOLS.length() ? token : 0));
    }
    return text.toString();
  }

  /** A way as short as any is an answer, whether or not it is the one that a dataset names. */
  @Override
  public boolean solves(int[] puzzle, int[] answer) {
    if (answer.length != cells() || puzzle.length != cells()) {
      return false;
    }
    int[] wayOnly = new int[cells()]; // everything but the way walled up
    int way = 0;
    for (int i = 0; i < answer.length; i++) {
      boolean onWay = answer[i] == WAY && puzzle[i] == FREE;
      if (!onWay && answer[i] != puzzle[i]) {
        return false;
      }
      way += onWay ? 1 : 0;
      wayOnly[i] = answer[i] == FREE ? WALL : answer[i];
    }
    int start = find(puzzle, START);
    int goal = find(puzzle, GOAL);
    return start >= 0
        && goal >= 0
        && distances(puzzle, start)[goal] == way + 1
        && distances(wayOnly, start)[goal] == way + 1;
  }

  /** Cells at which a way breaks off or branches. */
  @Override
  public List<Integer> conflicts(int[] tokens) {
    List<Integer> conflicts = new ArrayList<>();
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] >= START) {
        int next = 0;
        for (int neighbour : neighbours(i)) {
          next += tokens[neighbour] >= START ? 1 : 0;
        }
        if (next != (tokens[i] == WAY ? 2 : 1)) {
          conflicts.add(i);
        }
      }
    }
    return conflicts;
  }

  static int find(int[] tokens, int token) {
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] == token) {
        return i;
      }
    }
    return -1;
  }

  /** Steps from a cell to every other, -1 where no way leads. */
  int[] distances(int[] tokens, int from) {
    int[] distances = new int[tokens.length];
    Arrays.fill(distances, -1);
    int[] queue = new int[tokens.length];
    queue[0] = from;
    distances[from] = 0;
    for (int head = 0, tail = 1; head < tail; head++) {
      for (int next : neighbours(queue[head])) {
        if (tokens[next] != WALL && distances[next] < 0) {
          distances[next] = distances[queue[head]] + 1;
          queue[tail++] = next;
        }
      }
    }
    return distances;
  }

  int[] neighbours(int cell) {
    int row = cell / size;
    int column = cell % size;
    int[] found = new int[4];
    int n = 0;
    if (row > 0) {
      found[n++] = cell - size;
    }
    if (row < size - 1) {
      found[n++] = cell + size;
    }
    if (column > 0) {
      found[n++] = cell - 1;
    }
    if (column < size - 1) {
      found[n++] = cell + 1;
    }
    return n == 4 ? found : Arrays.copyOf(found, n);
  }
}
