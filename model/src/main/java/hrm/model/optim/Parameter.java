package hrm.model.optim;

import hrm.model.Block;

/**
 * One tensor that learns.
 *
 * @param name as in the state dict
 * @param rows of a matrix (out); 1 for a vector
 * @param columns of a matrix (in); the length of a vector
 */
public record Parameter(String name, Block value, Block gradient, int rows, int columns) {
  public int size() {
    return rows * columns;
  }

  /** Whether this is the weight matrix of a block: what Muon is made for. */
  boolean isBlockMatrix() {
    return rows > 1 && name.contains("_level.layers.");
  }
}
