package hrm.model.reference;

import hrm.model.Block;

/** A block in a plain Java array. */
final class HeapBlock extends Block {
  final float[] data;

  HeapBlock(int length) {
    data = new float[length];
  }

  static float[] of(Block block) {
    return ((HeapBlock) block).data;
  }

  @Override
  public long length() {
    return data.length;
  }

  @Override
  public void write(long at, float[] source, int sourceAt, int n) {
    System.arraycopy(source, sourceAt, data, (int) at, n);
  }

  @Override
  public void read(long at, float[] target, int targetAt, int n) {
    System.arraycopy(data, (int) at, target, targetAt, n);
  }

  @Override
  public void close() {}
}
