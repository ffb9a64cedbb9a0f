package hrm.model.cuda;

import static hrm.model.cuda.GpuBlock.of;

import hrm.model.Block;

/** What a kernel's blocks have in common: their type, and how many elements it may take at once. */
final class Operands {
  private Operands() {}

  /**
   * The one type of some activations.
   *
   * @throws IllegalArgumentException for blocks of two types
   */
  static Storage type(String kernel, Block... blocks) {
    Storage type = of(blocks[0]).storage;
    for (Block block : blocks) {
      if (of(block).storage != type) {
        throw new IllegalArgumentException(
            "%s takes blocks of one type, not of %s and %s"
                .formatted(kernel, type, of(block).storage));
      }
    }
    return type;
  }

  /** Elements a kernel may take at once of rows of some length in some blocks, null among them. */
  static int width(Storage type, long elements, Block... blocks) {
    long addresses = 0;
    for (Block block : blocks) {
      addresses |= block == null ? 0 : of(block).address;
    }
    return type.width(elements, addresses);
  }

  /**
   * @throws IllegalArgumentException for a block of less than n floats
   */
  static void check(String kernel, Block block, long n) {
    if (block.length() < n) {
      throw new IllegalArgumentException(
          "%s: a block of %d floats where %d are wanted".formatted(kernel, block.length(), n));
    }
  }
}
