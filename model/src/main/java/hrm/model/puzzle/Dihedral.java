package hrm.model.puzzle;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The eight symmetries of a square board, numbered as the published builders number them: 0 none, 1
 * to 3 quarter turns counter-clockwise, 4 mirrored left to right, 5 top to bottom, 6 transposed, 7
 * transposed along the other diagonal.
 */
final class Dihedral implements Symmetries {
  static final int ELEMENTS = 8;

  private final int size;

  Dihedral(int size) {
    this.size = size;
  }

  @Override
  public Example apply(Example example, SplittableRandom random) {
    return image(example, random.nextInt(ELEMENTS));
  }

  private Example image(Example example, int element) {
    return new Example(
        apply(example.inputs(), size, element),
        apply(example.labels(), size, element),
        example.identifier());
  }

  /** By different elements but the first, in the published order. */
  @Override
  public List<Example> copies(Example example, int count, SplittableRandom random) {
    if (count >= ELEMENTS) {
      throw new IllegalArgumentException(
          "%d copies of a maze are too many: turned and mirrored it has %d beside itself"
              .formatted(count, ELEMENTS - 1));
    }
    return Arrays.stream(Augmentation.shuffle(ELEMENTS - 1, random))
        .limit(count)
        .sorted()
        .mapToObj(i -> image(example, i + 1))
        .toList();
  }

  static int[] apply(int[] board, int size, int element) {
    int last = size - 1;
    int[] turned = new int[board.length];
    for (int r = 0; r < size; r++) {
      for (int c = 0; c < size; c++) {
        int from =
            switch (element) {
              case 0 -> r * size + c;
              case 1 -> c * size + last - r;
              case 2 -> (last - r) * size + last - c;
              case 3 -> (last - c) * size + r;
              case 4 -> r * size + last - c;
              case 5 -> (last - r) * size + c;
              case 6 -> c * size + r;
              case 7 -> (last - c) * size + last - r;
              default -> throw new IllegalArgumentException("there is no element " + element);
            };
        turned[r * size + c] = board[from];
      }
    }
    return turned;
  }
}
