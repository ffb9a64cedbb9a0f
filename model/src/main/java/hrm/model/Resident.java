package hrm.model;

import java.util.LinkedHashMap;
import java.util.Map;

/** Weights copied to a device, each tensor once, when it is first asked for. */
final class Resident implements AutoCloseable {
  private final Kernels kernels;
  private final Weights weights;
  private final Map<String, Block> blocks = new LinkedHashMap<>();

  Resident(Kernels kernels, Weights weights) {
    this.kernels = kernels;
    this.weights = weights;
  }

  Block get(String name) {
    return blocks.computeIfAbsent(name, key -> kernels.constant(weights.get(key)));
  }

  Map<String, Block> blocks() {
    return blocks;
  }

  @Override
  public void close() {
    blocks.values().forEach(Block::close);
    blocks.clear();
  }
}
