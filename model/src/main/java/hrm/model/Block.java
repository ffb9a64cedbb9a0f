package hrm.model;

/** A run of float32 on a backend's device. Positions and lengths count floats. */
public abstract class Block implements AutoCloseable {
  public abstract long length();

  /**
   * Copies from the host: {@code n} floats of {@code source} from {@code sourceAt} to {@code at}.
   */
  public abstract void write(long at, float[] source, int sourceAt, int n);

  /** Copies to the host: {@code n} floats from {@code at} into {@code target}. */
  public abstract void read(long at, float[] target, int targetAt, int n);

  /** {@code length} floats from {@code at}, sharing memory; where the device has need of it. */
  public Block slice(long at, long length) {
    throw new UnsupportedOperationException(getClass().getSimpleName() + " has no slices");
  }

  /** Floats that are copied to or from the host at once, when there are more. */
  public int chunk() {
    return 8192; // stays in the first cache
  }

  @Override
  public abstract void close();
}
