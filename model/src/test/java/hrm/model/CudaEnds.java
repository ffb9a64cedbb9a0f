package hrm.model;

import hrm.model.CudaTrial.Data;

/** The kernels of a model's two ends: embedding, heads, losses. */
final class CudaEnds {
  private final CudaTrial trial;

  CudaEnds(CudaTrial trial) {
    this.trial = trial;
  }

  void all() {
    for (int[] s : new int[][] {{3, 5, 2, 16, 6}, {2, 300, 1, 40, 11}, {4, 7, 0, 21, 3}}) {
      ends(new Kernels.Look(s[0], s[1], s[2], s[3], s[4]));
    }
  }

  private void ends(Kernels.Look s) {
    int batch = s.batch();
    int d = s.d();
    int[] shape = {batch, s.length(), s.prefix(), d, s.vocab()};
    int states = batch * s.per() * d;
    int[] tokens = trial.random.ints(batch * s.length(), 0, s.vocab()).toArray();
    boolean[] both = {false, true};
    for (boolean placed : both) {
      trial.check(
          "embed" + (placed ? " with positions" : ""),
          shape,
          (k, b) -> k.embed(b[0], b[1], placed ? b[2] : null, tokens, b[3], s),
          trial.plain(s.vocab() * d),
          trial.plain(Math.max(1, batch * s.prefix() * d)),
          trial.plain(s.per() * d),
          trial.act(states));
      trial.check(
          "embedBackward" + (placed ? " with positions" : ""),
          shape,
          (k, b) -> k.embedBackward(b[0], tokens, b[1], placed ? b[2] : null, s, 0.5f),
          trial.act(states),
          trial.plain(s.vocab() * d),
          trial.plain(s.per() * d));
    }
    int[] ids = new int[batch];
    java.util.Arrays.setAll(ids, b -> b == 1 ? 2 : 0);
    trial.check(
        "signSgd",
        shape,
        (k, b) -> k.signSgd(b[0], ids, b[1], d, d - 3, 0.1f, 0.5f),
        trial.plain(3 * d),
        trial.act(batch * d));
    trial.check(
        "qHead",
        shape,
        (k, b) -> k.qHead(b[0], b[1], b[2], b[3], batch, s.per(), d),
        trial.act(states),
        trial.plain(2 * d),
        trial.plain(2),
        trial.plain(2 * batch));
    trial.check(
        "qHeadBackward",
        shape,
        (k, b) -> k.qHeadBackward(b[0], b[1], b[2], b[3], b[4], b[5], batch, s.per(), d),
        trial.act(states),
        trial.plain(2 * d),
        trial.plain(2 * batch),
        trial.act(states),
        trial.plain(2 * d),
        trial.plain(2));
    int[] labels = trial.random.ints(batch * s.length(), 0, s.vocab()).toArray();
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 4 == 1 || i < s.length() && batch > 2 ? Loss.IGNORED : labels[i];
    }
    int cells = batch * s.per() * s.vocab();
    for (Loss.Type type : Loss.Type.values()) {
      for (float smoothing : new float[] {0, 0.1f}) {
        trial.check(
            "cellLoss %s %s".formatted(type, smoothing),
            shape,
            (k, b) ->
                k.cellLoss(b[0], labels, b[1], b[2], new Loss.Cells(type, smoothing, 0.25f), s),
            trial.plain(cells),
            trial.plain(cells),
            trial.plain(3 * batch));
      }
    }
    int[] last = new int[batch];
    last[0] = 1;
    for (boolean goesOn : both) {
      trial.check(
          "haltingLoss" + (goesOn ? "" : " without continue"),
          shape,
          (k, b) -> k.haltingLoss(b[0], b[1], goesOn ? b[2] : null, last, b[3], batch, 0.5f),
          trial.plain(2 * batch),
          new Data(exactInPart(batch), false),
          trial.plain(2 * batch),
          trial.plain(2 * batch));
    }
  }

  /** Loss, correct and counted cells; every second row is exact. */
  private static float[] exactInPart(int batch) {
    float[] seen = new float[3 * batch];
    for (int b = 0; b < batch; b++) {
      seen[3 * b + 1] = 7 + b % 2;
      seen[3 * b + 2] = 8;
    }
    return seen;
  }
}
