package hrm.model.data;

import hrm.model.puzzle.Example;
import java.util.SplittableRandom;

/** Puzzles to learn from or to be judged by. */
public interface Dataset {
  /** Tokens a puzzle. */
  int seqLen();

  /** Tokens are 0..vocabSize-1; 0 is padding. */
  int vocabSize();

  /** Puzzles; all stored copies of one puzzle count once. */
  int size();

  /** Number of puzzle identifiers; 1 when unused. */
  int identifiers();

  /** Puzzle i as stored; labels of -100 do not count. */
  Example example(int i);

  /** A random equal of puzzle i. */
  Example draw(int i, SplittableRandom random);

  /** A view of the puzzles from..to-1. */
  Dataset subset(int from, int to);

  /** A view in which every stored example is a puzzle of its own. */
  default Dataset eachExample() {
    return this;
  }
}
