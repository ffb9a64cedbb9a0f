package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.model.data.Dataset;
import hrm.model.puzzle.Example;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RowSourceTest {
  private static final TrainSettings SETTINGS =
      TrainSettings.parse("{\"arch\": {}, \"train\": {\"seed\": 7}}");

  /** Puzzles of which only the random numbers are of interest that augment them. */
  private static final class Draws implements Dataset {
    private final List<Long> drawn = new ArrayList<>();

    @Override
    public int seqLen() {
      return 1;
    }

    @Override
    public int vocabSize() {
      return 2;
    }

    @Override
    public int size() {
      return 100;
    }

    @Override
    public int identifiers() {
      return 1;
    }

    @Override
    public Example example(int i) {
      return new Example(new int[1], new int[1]);
    }

    @Override
    public Example draw(int i, SplittableRandom random) {
      random.longs(4).forEach(drawn::add);
      return example(i);
    }

    @Override
    public Dataset subset(int from, int to) {
      return this;
    }
  }

  private static List<Long> draws(int firstStep) {
    Draws puzzles = new Draws();
    RowSource source = new RowSource(puzzles, SETTINGS);
    for (int step = firstStep; step <= 4; step++) {
      source.step(step);
      for (int row = 0; row < 40; row++) {
        source.load(row, new int[1], new int[1]);
      }
    }
    return puzzles.drawn;
  }

  @Test
  void load_rowsAndSteps_haveNoRandomNumberInCommon() {
    List<Long> drawn = draws(1);
    assertEquals(drawn.size(), new HashSet<>(drawn).size());
  }

  @Test
  void load_ofARunThatGoesOn_isTheSame() {
    List<Long> whole = draws(1);
    List<Long> rest = draws(3);
    assertEquals(whole.subList(whole.size() - rest.size(), whole.size()), rest);
  }
}
