package hrm.model.nd4j;

import hrm.model.Block;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A block in an ND4J array, on whatever device ND4J's backend is. */
final class ArrayBlock extends Block {
  private final INDArray flat;

  ArrayBlock(long length) {
    flat = Nd4j.zeros(DataType.FLOAT, length);
  }

  /** The first elements as an array of this shape, row-major; shares memory. */
  static INDArray view(Block block, long... shape) {
    long[] stride = new long[shape.length];
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      stride[i] = step;
      step *= shape[i];
    }
    return view(block, shape, stride, 0, 'c');
  }

  static INDArray view(Block block, long[] shape, long[] stride, long offset, char order) {
    return Nd4j.create(((ArrayBlock) block).flat.data(), shape, stride, offset, order);
  }

  @Override
  public long length() {
    return flat.length();
  }

  @Override
  public void write(long at, float[] source, int sourceAt, int n) {
    float[] values = java.util.Arrays.copyOfRange(source, sourceAt, sourceAt + n);
    flat.get(NDArrayIndex.interval(at, at + n)).assign(Nd4j.createFromArray(values));
  }

  @Override
  public void read(long at, float[] target, int targetAt, int n) {
    float[] values = flat.get(NDArrayIndex.interval(at, at + n)).dup().toFloatVector();
    System.arraycopy(values, 0, target, targetAt, n);
  }

  @Override
  public void close() {
    if (flat.closeable()) {
      flat.close();
    }
  }
}
