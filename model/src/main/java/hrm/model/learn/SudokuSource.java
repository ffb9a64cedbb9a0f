package hrm.model.learn;

import hrm.model.Learner;
import hrm.model.puzzle.Augmentation;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.Sudoku;
import hrm.model.puzzle.SudokuGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Generated Sudoku to learn from: a fixed pool, augmented anew at every draw, with extra clues from
 * the solution at first and fewer as training goes on. What row {@code r} gets at step {@code t}
 * depends on the seed, r and t alone, so a resumed run sees the same.
 */
final class SudokuSource implements Learner.Source {
  private static final long HELD_OUT_SEED = 0x5EED_0F_7E57L;

  private final Sudoku kind;
  private final TrainSettings settings;
  private final Augmentation augmentation;
  private final List<Example> pool = new ArrayList<>();
  private int step;

  SudokuSource(Sudoku kind, TrainSettings settings) {
    this.kind = kind;
    this.settings = settings;
    this.augmentation = new Augmentation(kind);
    Set<String> heldOut = new HashSet<>();
    heldOut(kind, settings.held_out).forEach(e -> heldOut.add(kind.text(e.inputs())));
    SudokuGenerator generator = new SudokuGenerator(kind, settings.seed);
    while (pool.size() < settings.examples) {
      Example example = generator.next();
      if (!heldOut.contains(kind.text(example.inputs()))) {
        pool.add(example);
      }
    }
  }

  /** Puzzles that no training pool contains, all different. */
  static List<Example> heldOut(Sudoku kind, int n) {
    SudokuGenerator generator = new SudokuGenerator(kind, HELD_OUT_SEED);
    Set<String> seen = new HashSet<>();
    List<Example> examples = new ArrayList<>();
    while (examples.size() < n) {
      Example example = generator.next();
      if (seen.add(kind.text(example.inputs()))) {
        examples.add(example);
      }
    }
    return examples;
  }

  void step(int step) {
    this.step = step;
  }

  @Override
  public int load(int row, int[] inputs, int[] labels) {
    SplittableRandom random = random(row, 1);
    Example example = augmentation.apply(pool.get(random.nextInt(pool.size())), random);
    System.arraycopy(example.inputs(), 0, inputs, 0, inputs.length);
    System.arraycopy(example.labels(), 0, labels, 0, labels.length);
    double left = 1 - (double) step / Math.max(1, settings.extra_clues_until);
    if (left > 0 && random.nextDouble() < settings.extra_clues_share) {
      reveal(inputs, labels, random.nextInt((int) (settings.extra_clues * left) + 1), random);
    }
    return 0;
  }

  private void reveal(int[] inputs, int[] labels, int count, SplittableRandom random) {
    int[] blanks =
        java.util.stream.IntStream.range(0, inputs.length).filter(i -> inputs[i] == 1).toArray();
    for (int i = 0; i < Math.min(count, blanks.length); i++) {
      int j = random.nextInt(i, blanks.length);
      int cell = blanks[j];
      blanks[j] = blanks[i];
      blanks[i] = cell;
      inputs[cell] = labels[cell];
    }
  }

  Learner.Exploration exploration() {
    return new Learner.Exploration() {
      @Override
      public double uniform(int row) {
        return random(row, 2).nextDouble();
      }

      @Override
      public int minimum(int row) {
        return random(row, 3).nextInt(2, settings.maxSegments() + 1);
      }
    };
  }

  private SplittableRandom random(int row, int use) {
    return new SplittableRandom(
        Arrays.hashCode(new long[] {settings.seed, use, row}) + step * 0x9E3779B97F4A7C15L);
  }
}
