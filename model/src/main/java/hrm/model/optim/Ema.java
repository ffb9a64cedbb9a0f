package hrm.model.optim;

import hrm.model.Block;
import hrm.model.Kernels;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The weights' exponential moving average, updated after every step, as TRM evaluates and saves it.
 */
public final class Ema {
  private final Kernels k;
  private final float decay;
  private final Map<String, Block> averages = new LinkedHashMap<>();

  /**
   * @param parameters by name; the averages start at their values
   * @param decay in (0, 1)
   */
  public Ema(Map<String, Block> parameters, float decay, Kernels k) {
    this.k = k;
    this.decay = decay;
    parameters.forEach(
        (name, block) -> {
          Block average = k.allocate(block.length());
          k.copy(block, average, (int) block.length());
          averages.put(name, average);
        });
  }

  public void step(Map<String, Block> parameters) {
    averages.forEach(
        (name, average) -> k.average(parameters.get(name), average, (int) average.length(), decay));
  }

  /** By parameter name. */
  public Map<String, Block> averages() {
    return averages;
  }
}
