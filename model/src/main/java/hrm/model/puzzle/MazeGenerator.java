package hrm.model.puzzle;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Hard mazes: one shortest way, longer than 110 steps at 30×30 (what Maze-Hard asks for), and no
 * maze twice, mirrored or turned neither. A tree of corridors grows from one cell, now from its
 * newest end and now from anywhere; then some walls fall, so that most mazes have loops.
 */
public final class MazeGenerator implements PuzzleGenerator {
  private static final int STARTS_TRIED = 4;
  private static final int GOALS_TRIED = 4;
  private static final int MOST_LOOPS = 16;

  private final Maze kind;
  private final int easiest; // steps that are too few
  private final SplittableRandom random;
  private final Set<String> given = new HashSet<>();

  public MazeGenerator(Maze kind, long seed) {
    this.kind = kind;
    this.easiest = 110 * kind.size() / 30;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public Example next() {
    while (true) {
      int[] grid = grow();
      for (int i = random.nextInt(MOST_LOOPS + 1); i > 0; i--) {
        grid[random.nextInt(grid.length)] = Maze.FREE;
      }
      Example maze = withEnds(grid);
      if (maze != null && given.add(canonical(maze.inputs()))) {
        return maze;
      }
    }
  }

  /** Corridors without loops: a cell opens when exactly one of its neighbours is open. */
  private int[] grow() {
    double newest = random.nextDouble(); // share of steps that go on from the newest end
    int[] grid = new int[kind.cells()];
    Arrays.fill(grid, Maze.WALL);
    int[] frontier = new int[5 * grid.length];
    int n = 0;
    frontier[n++] = random.nextInt(grid.length);
    while (n > 0) {
      int at = random.nextDouble() < newest ? n - 1 : random.nextInt(n);
      int cell = frontier[at];
      frontier[at] = frontier[--n];
      int[] neighbours = kind.neighbours(cell);
      int open = 0;
      for (int neighbour : neighbours) {
        open += grid[neighbour] == Maze.FREE ? 1 : 0;
      }
      if (grid[cell] == Maze.WALL && open <= 1) {
        grid[cell] = Maze.FREE;
        for (int i : Augmentation.shuffle(neighbours.length, random)) {
          frontier[n++] = neighbours[i];
        }
      }
    }
    return grid;
  }

  /** Start and goal far apart with one shortest way between them; null when none are found. */
  private Example withEnds(int[] grid) {
    for (int starts = 0; starts < STARTS_TRIED; starts++) {
      int start = random.nextInt(grid.length);
      if (grid[start] != Maze.FREE) {
        continue;
      }
      int[] distances = kind.distances(grid, start);
      int[] far =
          IntStream.range(0, grid.length).filter(cell -> distances[cell] > easiest).toArray();
      for (int goals = 0; far.length > 0 && goals < GOALS_TRIED; goals++) {
        int goal = far[random.nextInt(far.length)];
        int[] labels = grid.clone();
        if (way(labels, distances, goal)) {
          int[] inputs = grid.clone();
          inputs[start] = labels[start] = Maze.START;
          inputs[goal] = labels[goal] = Maze.GOAL;
          return new Example(inputs, labels);
        }
      }
    }
    return null;
  }

  /** Marks the way from the goal back; false where two cells lead back equally fast. */
  private boolean way(int[] labels, int[] distances, int goal) {
    int cell = goal;
    while (distances[cell] > 0) {
      int back = -1;
      for (int neighbour : kind.neighbours(cell)) {
        if (distances[neighbour] == distances[cell] - 1) {
          if (back >= 0) {
            return false;
          }
          back = neighbour;
        }
      }
      cell = back;
      labels[cell] = Maze.WAY;
    }
    return true;
  }

  private String canonical(int[] inputs) {
    String least = null;
    for (int turn = 0; turn < Dihedral.ELEMENTS; turn++) {
      String text = kind.text(Dihedral.apply(inputs, kind.size(), turn));
      least = least == null || text.compareTo(least) < 0 ? text : least;
    }
    return least;
  }
}
