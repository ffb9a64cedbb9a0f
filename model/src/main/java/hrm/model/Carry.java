package hrm.model;

/** What a lane keeps between segments: z_H and z_L, (B, S, D) each. */
public record Carry(HiddenState zH, HiddenState zL) implements AutoCloseable {
  @Override
  public void close() {
    zH.close();
    zL.close();
  }
}
