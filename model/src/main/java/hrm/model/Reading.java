package hrm.model;

/**
 * Floats to come from a device.
 *
 * @param from the first of them
 * @param to receives them in front
 */
public record Reading(Block block, long from, float[] to, int n) {
  /** All by itself. */
  public void now() {
    block.read(from, to, 0, n);
  }
}
