package hrm.model.host;

import hrm.model.Block;
import hrm.model.Kernels;

/** Whole blocks to and from the host, and what is asked of them there. */
public final class Host {
  private Host() {}

  public static float[] read(Block block) {
    float[] data = new float[(int) block.length()];
    block.read(0, data, 0, data.length);
    return data;
  }

  public static void read(Block block, float[] data) {
    block.read(0, data, 0, data.length);
  }

  public static void write(Block block, float[] data) {
    block.write(0, data, 0, data.length);
  }

  public static Block block(Kernels k, float[] data) {
    Block block = k.allocate(data.length);
    block.write(0, data, 0, data.length);
    return block;
  }

  /** Whether no value is infinite or not a number; without a branch a value. */
  public static boolean allFinite(float[] data) {
    int largest = 0;
    for (float value : data) {
      largest = Math.max(largest, Float.floatToRawIntBits(value) & 0x7FFF_FFFF);
    }
    return largest < 0x7F80_0000;
  }
}
