package hrm.actors;

import hrm.model.Fingerprint;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.proto.Tensor;

/** Rows of hidden states as traces tell of them: shape, norm and hash. */
final class Features {
  private Features() {}

  /** Of a packed state's only row. */
  static Tensor of(String name, HiddenState packed) {
    return tensor(name, packed, packed.fingerprint(0));
  }

  /**
   * @param rows those wanted
   * @return by row; null for the others
   */
  static Tensor[] of(String name, HiddenState state, HighLevel high, int... rows) {
    Fingerprint[] fingerprints = high.fingerprints(state, rows);
    Tensor[] features = new Tensor[state.batch()];
    for (int i = 0; i < rows.length; i++) {
      features[rows[i]] = tensor(name, state, fingerprints[i]);
    }
    return features;
  }

  private static Tensor tensor(String name, HiddenState state, Fingerprint fingerprint) {
    return Tensor.newBuilder()
        .setName(name)
        .addShape(state.sequence())
        .addShape(state.hidden())
        .setDtype("float32")
        .setNorm(fingerprint.norm())
        .setHash(fingerprint.hash())
        .build();
  }
}
