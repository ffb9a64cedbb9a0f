package hrm.model.learn;

import hrm.model.Learner;
import hrm.model.Seeds;
import hrm.model.data.Dataset;
import hrm.model.puzzle.Example;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Examples for the rows of a batch: a random puzzle, augmented anew at every draw, with extra clues
 * from its solution at first and fewer as training goes on. What row {@code r} gets at step {@code
 * t} depends on the seed, r and t alone, so a resumed run sees the same.
 */
final class RowSource implements Learner.Source, Learner.Exploration {
  private final Dataset puzzles;
  private final TrainSettings settings;
  private int step;

  RowSource(Dataset puzzles, TrainSettings settings) {
    this.puzzles = puzzles;
    this.settings = settings;
  }

  void step(int step) {
    this.step = step;
  }

  @Override
  public int load(int row, int[] inputs, int[] labels) {
    SplittableRandom random = random(row, 1);
    int i = random.nextInt(puzzles.size());
    Example example = settings.augment ? puzzles.draw(i, random) : puzzles.example(i);
    System.arraycopy(example.inputs(), 0, inputs, 0, inputs.length);
    System.arraycopy(example.labels(), 0, labels, 0, labels.length);
    double left = 1 - (double) step / Math.max(1, settings.extra_clues_until);
    if (left > 0 && random.nextDouble() < settings.extra_clues_share) {
      reveal(inputs, labels, random.nextInt((int) (settings.extra_clues * left) + 1), random);
    }
    return example.identifier();
  }

  private static void reveal(int[] inputs, int[] labels, int count, SplittableRandom random) {
    int[] blanks =
        IntStream.range(0, inputs.length)
            .filter(i -> inputs[i] != labels[i] && labels[i] != Outcome.IGNORED)
            .toArray();
    for (int i = 0; i < Math.min(count, blanks.length); i++) {
      int j = random.nextInt(i, blanks.length);
      int cell = blanks[j];
      blanks[j] = blanks[i];
      blanks[i] = cell;
      inputs[cell] = labels[cell];
    }
  }

  @Override
  public double uniform(int row) {
    return random(row, 2).nextDouble();
  }

  @Override
  public int minimum(int row) {
    return random(row, 3).nextInt(2, Math.max(3, settings.maxSegments() + 1));
  }

  private SplittableRandom random(int row, int use) {
    return new SplittableRandom(Seeds.of(settings.seed, use, row, step));
  }
}
