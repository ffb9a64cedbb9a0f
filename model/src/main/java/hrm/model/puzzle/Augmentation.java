package hrm.model.puzzle;

import java.util.SplittableRandom;

/**
 * The symmetries of Sudoku, drawn at random as the published builder draws them: digits permuted;
 * bands, and rows within bands, permuted; stacks, and columns within stacks; transposed half of the
 * time where boxes are square. A puzzle keeps its one solution.
 */
public final class Augmentation implements Symmetries {
  private final Sudoku kind;

  public Augmentation(Sudoku kind) {
    this.kind = kind;
  }

  @Override
  public Example apply(Example example, SplittableRandom random) {
    int size = kind.size();
    int[] digits = shuffle(size, random);
    int[] rows = lines(kind.boxRows(), random);
    int[] columns = lines(kind.boxColumns(), random);
    boolean transpose = kind.boxRows() == kind.boxColumns() && random.nextBoolean();
    int[] inputs = new int[kind.cells()];
    int[] labels = new int[kind.cells()];
    for (int r = 0; r < size; r++) {
      for (int c = 0; c < size; c++) {
        int from = transpose ? columns[c] * size + rows[r] : rows[r] * size + columns[c];
        inputs[r * size + c] = relabel(example.inputs()[from], digits);
        labels[r * size + c] = relabel(example.labels()[from], digits);
      }
    }
    return new Example(inputs, labels, example.identifier());
  }

  private static int relabel(int token, int[] digits) {
    return token > Sudoku.BLANK ? digits[token - 2] + 2 : token;
  }

  /** Groups of {@code group} lines permuted, and the lines within each. */
  private int[] lines(int group, SplittableRandom random) {
    int groups = kind.size() / group;
    int[] order = shuffle(groups, random);
    int[] lines = new int[kind.size()];
    for (int g = 0; g < groups; g++) {
      int[] within = shuffle(group, random);
      for (int i = 0; i < group; i++) {
        lines[g * group + i] = order[g] * group + within[i];
      }
    }
    return lines;
  }

  static int[] shuffle(int n, SplittableRandom random) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
