package hrm.model.cpu;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

/**
 * Softmax attention, one head of one sample a task: q and k are rotated into scratch, the two
 * products are BLAS calls on strided views of qkv, and the (S, S) scores never leave the core's
 * cache. The backward pass computes the scores again instead of keeping them.
 */
final class Attention implements Cores.Loop {
  private final Cores.Stream stream;
  private boolean backward;
  private NativeBlock qkv;
  private NativeBlock rope;
  private NativeBlock y; // forward: output; backward: its gradient
  private NativeBlock dqkv;
  private int s;
  private int heads;
  private int d;

  Attention(Cores.Stream stream) {
    this.stream = stream;
  }

  void forward(NativeBlock qkv, NativeBlock rope, NativeBlock y, int batch, int s, int h, int d) {
    start(false, qkv, rope, y, null, batch, s, h, d);
  }

  void backward(
      NativeBlock qkv,
      NativeBlock rope,
      NativeBlock dy,
      NativeBlock dqkv,
      int batch,
      int s,
      int h,
      int d) {
    start(true, qkv, rope, dy, dqkv, batch, s, h, d);
  }

  private void start(
      boolean backward,
      NativeBlock qkv,
      NativeBlock rope,
      NativeBlock y,
      NativeBlock dqkv,
      int batch,
      int s,
      int heads,
      int d) {
    this.backward = backward;
    this.qkv = qkv;
    this.rope = rope;
    this.y = y;
    this.dqkv = dqkv;
    this.s = s;
    this.heads = heads;
    this.d = d;
    stream.run(batch * heads, this);
  }

  @Override
  public void run(int index, Scratch scratch) {
    int sample = index / heads;
    int head = index % heads;
    int pitch = 3 * heads * d;
    int q = sample * s * pitch + head * d;
    int k = q + heads * d;
    int v = k + heads * d;
    NativeBlock memory = scratch.memory(4L * s * d + 2L * s * s);
    int rotatedQ = 0;
    int rotatedK = s * d;
    int probs = 4 * s * d;
    rotate(q, pitch, memory, rotatedQ, scratch, 1);
    rotate(k, pitch, memory, rotatedK, scratch, 1);
    gemm(
        scratch,
        false,
        true,
        s,
        s,
        d,
        (float) (1 / Math.sqrt(d)),
        memory,
        rotatedQ,
        d,
        memory,
        rotatedK,
        d,
        memory,
        probs,
        s);
    softmax(memory, probs, scratch);
    int out = sample * s * heads * d + head * d;
    if (!backward) {
      gemm(scratch, false, false, s, d, s, 1f, memory, probs, s, qkv, v, pitch, y, out, heads * d);
      return;
    }
    int dScores = probs + s * s;
    int dQ = 2 * s * d;
    int dK = 3 * s * d;
    // dv = Pᵀ dy; dP = dy vᵀ; dS = P (dP - rowsum(dP P)); dq = dS k / sqrt(d); dk = dSᵀ q / sqrt(d)
    gemm(scratch, true, false, s, d, s, 1f, memory, probs, s, y, out, heads * d, dqkv, v, pitch);
    gemm(scratch, false, true, s, s, d, 1f, y, out, heads * d, qkv, v, pitch, memory, dScores, s);
    softmaxBackward(memory, probs, dScores, scratch);
    float scale = (float) (1 / Math.sqrt(d));
    gemm(
        scratch, false, false, s, d, s, scale, memory, dScores, s, memory, rotatedK, d, memory, dQ,
        d);
    gemm(
        scratch, true, false, s, d, s, scale, memory, dScores, s, memory, rotatedQ, d, memory, dK,
        d);
    unrotate(memory, dQ, q, pitch, scratch);
    unrotate(memory, dK, k, pitch, scratch);
  }

  /** Copies a head's rows out of qkv, rotated by their positions (rotate_half layout). */
  private void rotate(
      int from, int pitch, NativeBlock to, int at, Scratch scratch, float direction) {
    float[] x = scratch.row(0, d);
    float[] rotated = scratch.row(1, d);
    for (int p = 0; p < s; p++) {
      qkv.get(from + p * pitch, x, d);
      to.put(at + p * d, turn(x, rotated, p, direction, scratch), d);
    }
  }

  private void unrotate(NativeBlock from, int at, int to, int pitch, Scratch scratch) {
    float[] x = scratch.row(0, d);
    float[] rotated = scratch.row(1, d);
    for (int p = 0; p < s; p++) {
      from.get(at + p * d, x, d);
      dqkv.put(to + p * pitch, turn(x, rotated, p, -1, scratch), d);
    }
  }

  private float[] turn(float[] x, float[] rotated, int p, float direction, Scratch scratch) {
    if (rope == null) {
      return x;
    }
    float[] cos = scratch.row(2, d);
    float[] sin = scratch.row(3, d);
    rope.get(p * d, cos, d);
    rope.get(s * d + p * d, sin, d);
    int half = d / 2;
    for (int i = 0; i < half; i++) {
      rotated[i] = x[i] * cos[i] - direction * x[i + half] * sin[i];
      rotated[i + half] = x[i + half] * cos[i + half] + direction * x[i] * sin[i + half];
    }
    return rotated;
  }

  private void softmax(NativeBlock memory, int at, Scratch scratch) {
    float[] row = scratch.row(0, s);
    float[] k = scratch.row(1, s);
    float[] p = scratch.row(2, s);
    for (int i = 0; i < s; i++) {
      memory.get(at + i * s, row, s);
      FastMath.exps(row, 0, FastMath.max(row, s), k, p, s);
      float inverse = 1 / FastMath.sum(row, s);
      for (int j = 0; j < s; j++) {
        row[j] *= inverse;
      }
      memory.put(at + i * s, row, s);
    }
  }

  private void softmaxBackward(NativeBlock memory, int probs, int dScores, Scratch scratch) {
    float[] p = scratch.row(0, s);
    float[] dp = scratch.row(1, s);
    for (int i = 0; i < s; i++) {
      memory.get(probs + i * s, p, s);
      memory.get(dScores + i * s, dp, s);
      float dot = FastMath.dot(p, dp, 0, s);
      for (int j = 0; j < s; j++) {
        dp[j] = p[j] * (dp[j] - dot);
      }
      memory.put(dScores + i * s, dp, s);
    }
  }

  private static void gemm(
      Scratch scratch,
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float alpha,
      NativeBlock a,
      int atA,
      int lda,
      NativeBlock b,
      int atB,
      int ldb,
      NativeBlock c,
      int atC,
      int ldc) {
    cblas_sgemm(
        CblasRowMajor,
        transA ? CblasTrans : CblasNoTrans,
        transB ? CblasTrans : CblasNoTrans,
        m,
        n,
        k,
        alpha,
        scratch.a.at(a, atA),
        lda,
        scratch.b.at(b, atB),
        ldb,
        0f,
        scratch.c.at(c, atC),
        ldc);
  }
}
