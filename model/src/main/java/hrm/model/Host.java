package hrm.model;

/** Whole blocks to and from the host. */
final class Host {
  private Host() {}

  static float[] read(Block block) {
    float[] data = new float[(int) block.length()];
    block.read(0, data, 0, data.length);
    return data;
  }

  static void read(Block block, float[] data) {
    block.read(0, data, 0, data.length);
  }

  static void write(Block block, float[] data) {
    block.write(0, data, 0, data.length);
  }

  static Block block(Kernels k, float[] data) {
    Block block = k.allocate(data.length);
    block.write(0, data, 0, data.length);
    return block;
  }
}
