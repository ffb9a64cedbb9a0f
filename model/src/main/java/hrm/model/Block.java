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

  @Override
  public abstract void close();
}
