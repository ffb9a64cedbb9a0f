package hrm.model.cpu;

/** One thread's working memory: heap rows for fused loops, native memory and cursors for BLAS. */
final class Scratch implements AutoCloseable {
  private final float[][] rows = new float[8][0];
  private NativeBlock memory;
  final Cursor a = new Cursor();
  final Cursor b = new Cursor();
  final Cursor c = new Cursor();

  /** The i-th heap row with room for n floats; contents undefined. */
  float[] row(int i, int n) {
    if (rows[i].length < n) {
      rows[i] = new float[n];
    }
    return rows[i];
  }

  /** Native memory for n floats; contents undefined. */
  NativeBlock memory(long n) {
    if (memory == null || memory.length() < n) {
      close();
      memory = new NativeBlock(n);
    }
    return memory;
  }

  /** Frees the native memory; the next call takes some anew. */
  @Override
  public void close() {
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }
}
