package hrm.model.published;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Sizes of the published datasets, and of this project's: what a checkpoint does not say. */
enum PuzzleSizes {
  SUDOKU_4("sudoku-4x4", 16, 6),
  SUDOKU_6("sudoku-6x6", 36, 8),
  SUDOKU_9("sudoku-9x9", 81, 11),
  MAZE_30("maze-30x30", 900, 6);

  private final String puzzle;
  private final int seqLen;
  private final int vocabSize;

  PuzzleSizes(String puzzle, int seqLen, int vocabSize) {
    this.puzzle = puzzle;
    this.seqLen = seqLen;
    this.vocabSize = vocabSize;
  }

  String puzzle() {
    return puzzle;
  }

  int seqLen() {
    return seqLen;
  }

  int vocabSize() {
    return vocabSize;
  }

  /**
   * @throws IllegalArgumentException listing the known kinds
   */
  static PuzzleSizes named(String puzzle) {
    return Arrays.stream(values())
        .filter(s -> s.puzzle.equals(puzzle))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--puzzle %s is not known; use %s, or --seq-len for another"
                        .formatted(
                            puzzle,
                            Arrays.stream(values())
                                .map(PuzzleSizes::puzzle)
                                .collect(Collectors.joining(", ")))));
  }

  static Optional<PuzzleSizes> of(int seqLen, int vocabSize) {
    return Arrays.stream(values())
        .filter(s -> s.seqLen == seqLen && s.vocabSize == vocabSize)
        .findFirst();
  }

  /** By the folder of the training data, such as data/sudoku-extreme-1k-aug-1000. */
  static Optional<PuzzleSizes> ofData(String data, int vocabSize) {
    if (data.contains("sudoku") && vocabSize == SUDOKU_9.vocabSize) {
      return Optional.of(SUDOKU_9);
    }
    return data.contains("maze-30x30") && vocabSize == MAZE_30.vocabSize
        ? Optional.of(MAZE_30)
        : Optional.empty();
  }
}
