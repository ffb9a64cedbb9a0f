package hrm.model.nd4j;

import static hrm.model.nd4j.ArrayBlock.view;

import hrm.model.Block;
import hrm.model.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.custom.ATan2;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Every kernel as ND4J operations on views of the blocks. */
final class ArrayKernels implements Kernels {
  @Override
  public Block allocate(long length) {
    return new ArrayBlock(length);
  }

  /** A row-major (rows, columns) result as the column-major transpose that gemm writes into. */
  private static INDArray result(Block y, int rows, int columns) {
    return view(y, new long[] {columns, rows}, new long[] {1, columns}, 0, 'f');
  }

  @Override
  public void linear(Block x, Block w, Block y, int batch, int per, int in, int out) {
    int rows = batch * per;
    Nd4j.gemm(view(w, out, in), view(x, rows, in), result(y, rows, out), false, true, 1, 0);
  }

  @Override
  public void linearBackwardInput(
      Block dy, Block w, Block dx, int rows, int in, int out, boolean accumulate) {
    double beta = accumulate ? 1 : 0;
    Nd4j.gemm(view(w, out, in), view(dy, rows, out), result(dx, rows, in), true, true, 1, beta);
  }

  @Override
  public void linearBackwardWeight(Block dy, Block x, Block dw, int rows, int in, int out) {
    Nd4j.gemm(view(x, rows, in), view(dy, rows, out), result(dw, out, in), true, false, 1, 1);
  }

  @Override
  public void add(Block a, Block b, Block y, int n) {
    view(y, n).assign(view(a, n).add(view(b, n)));
  }

  @Override
  public void addNorm(Block x, Block r, Block y, Block inverse, int rows, int width, float eps) {
    INDArray sum = view(x, rows, width).add(view(r, rows, width));
    INDArray scale = Transforms.pow(sum.mul(sum).mean(1).addi(eps), -0.5, false);
    view(y, rows, width).assign(sum.muliColumnVector(scale));
    if (inverse != null) {
      view(inverse, rows).assign(scale);
    }
  }

  @Override
  public void addNormBackward(Block dy, Block y, Block inverse, Block dx, int rows, int width) {
    INDArray gradient = view(dy, rows, width);
    INDArray out = view(y, rows, width);
    INDArray mean = gradient.mul(out).mean(1);
    INDArray result = gradient.sub(out.mulColumnVector(mean));
    view(dx, rows, width).assign(result.muliColumnVector(view(inverse, rows)));
  }

  /** All queries (0), keys (1) or values (2): (batch, heads, per, d), strided into qkv. */
  private static INDArray part(Block qkv, int which, int batch, int per, int heads, int d) {
    long pitch = 3L * heads * d;
    return view(
        qkv,
        new long[] {batch, heads, per, d},
        new long[] {per * pitch, d, pitch, 1},
        (long) which * heads * d,
        'c');
  }

  /** (batch, per, heads d) as (batch, heads, per, d). */
  private static INDArray byHead(Block y, int batch, int per, int heads, int d) {
    long pitch = (long) heads * d;
    return view(
        y, new long[] {batch, heads, per, d}, new long[] {per * pitch, d, pitch, 1}, 0, 'c');
  }

  /** x cos + rotate_half(x) sin; backwards with direction -1. */
  private static INDArray turn(INDArray x, Block rope, int per, int d, int direction) {
    INDArray contiguous = x.dup('c');
    if (rope == null) {
      return contiguous;
    }
    long rows = contiguous.length() / d / per;
    INDArray flat = contiguous.reshape(rows, (long) per * d);
    INDArray halves = contiguous.reshape(rows * per, 2, d / 2);
    INDArray half =
        Nd4j.stack(1, halves.slice(1, 1).neg(), halves.slice(0, 1)).reshape(rows, (long) per * d);
    INDArray cos = view(rope, 1, (long) per * d);
    INDArray sin =
        view(
            rope,
            new long[] {1, (long) per * d},
            new long[] {(long) per * d, 1},
            (long) per * d,
            'c');
    return flat.mulRowVector(cos)
        .addi(half.mulRowVector(sin).muli(direction))
        .reshape(contiguous.shape());
  }

  private static INDArray probabilities(INDArray q, INDArray k, int d) {
    INDArray scores = Nd4j.matmul(q, k, false, true, false).divi(Math.sqrt(d));
    return Nd4j.nn().softmax(scores, 3);
  }

  @Override
  public void attention(Block qkv, Block rope, Block y, int batch, int per, int heads, int d) {
    INDArray q = turn(part(qkv, 0, batch, per, heads, d), rope, per, d, 1);
    INDArray k = turn(part(qkv, 1, batch, per, heads, d), rope, per, d, 1);
    INDArray v = part(qkv, 2, batch, per, heads, d).dup('c');
    byHead(y, batch, per, heads, d).assign(Nd4j.matmul(probabilities(q, k, d), v));
  }

  @Override
  public void attentionBackward(
      Block qkv, Block rope, Block dy, Block dqkv, int batch, int per, int heads, int d) {
    INDArray q = turn(part(qkv, 0, batch, per, heads, d), rope, per, d, 1);
    INDArray k = turn(part(qkv, 1, batch, per, heads, d), rope, per, d, 1);
    INDArray v = part(qkv, 2, batch, per, heads, d).dup('c');
    INDArray gradient = byHead(dy, batch, per, heads, d).dup('c');
    INDArray p = probabilities(q, k, d);
    INDArray dp = Nd4j.matmul(gradient, v, false, true, false);
    long rows = (long) batch * heads * per;
    INDArray flatP = p.reshape(rows, per);
    INDArray flatDp = dp.reshape(rows, per);
    INDArray ds =
        flatDp
            .subColumnVector(flatDp.mul(flatP).sum(1))
            .muli(flatP)
            .divi(Math.sqrt(d))
            .reshape(p.shape());
    part(dqkv, 0, batch, per, heads, d).assign(turn(Nd4j.matmul(ds, k), rope, per, d, -1));
    part(dqkv, 1, batch, per, heads, d)
        .assign(turn(Nd4j.matmul(ds, q, true, false, false), rope, per, d, -1));
    part(dqkv, 2, batch, per, heads, d).assign(Nd4j.matmul(p, gradient, true, false, false));
  }

  /** The gate (0) or up (1) half of gate_up (rows, 2 inter). */
  private static INDArray half(Block gateUp, int which, int rows, int inter) {
    return view(
        gateUp, new long[] {rows, inter}, new long[] {2L * inter, 1}, (long) which * inter, 'c');
  }

  @Override
  public void swiGlu(Block gateUp, Block y, int rows, int inter) {
    INDArray gate = half(gateUp, 0, rows, inter).dup('c');
    INDArray sigmoid = Transforms.sigmoid(gate, true);
    view(y, rows, inter).assign(gate.muli(sigmoid).muli(half(gateUp, 1, rows, inter)));
  }

  @Override
  public void swiGluBackward(Block gateUp, Block dy, Block dGateUp, int rows, int inter) {
    INDArray gate = half(gateUp, 0, rows, inter).dup('c');
    INDArray up = half(gateUp, 1, rows, inter).dup('c');
    INDArray sigmoid = Transforms.sigmoid(gate, true);
    INDArray scaled = view(dy, rows, inter).mul(sigmoid);
    INDArray slope = gate.mul(sigmoid.rsub(1)).addi(1);
    half(dGateUp, 0, rows, inter).assign(scaled.mul(up).muli(slope));
    half(dGateUp, 1, rows, inter).assign(scaled.mul(gate));
  }

  @Override
  public void swiGluNorm(Block gateUp, Block y, int rows, int inter, float eps) {
    INDArray gate = half(gateUp, 0, rows, inter).dup('c');
    INDArray product = gate.mul(half(gateUp, 1, rows, inter));
    product.muliColumnVector(inverseRms(product, eps));
    view(y, rows, inter).assign(Transforms.sigmoid(gate, false).muli(product));
  }

  private static INDArray inverseRms(INDArray x, float eps) {
    return Transforms.sqrt(x.mul(x).mean(1).addi(eps), false).rdivi(1);
  }

  @Override
  public void swiGluNormBackward(
      Block gateUp, Block dy, Block dGateUp, int rows, int inter, float eps) {
    INDArray gate = half(gateUp, 0, rows, inter).dup('c');
    INDArray up = half(gateUp, 1, rows, inter).dup('c');
    INDArray sigmoid = Transforms.sigmoid(gate, true);
    INDArray normed = gate.mul(up);
    INDArray inverse = inverseRms(normed, eps);
    normed.muliColumnVector(inverse);
    INDArray dNormed = view(dy, rows, inter).mul(sigmoid);
    INDArray through = dNormed.mul(normed).muli(sigmoid.rsub(1)); // of the gate, by the sigmoid
    INDArray mean = dNormed.mul(normed).mean(1);
    INDArray dProduct = dNormed.subi(normed.muliColumnVector(mean)).muliColumnVector(inverse);
    half(dGateUp, 0, rows, inter).assign(dProduct.mul(up).addi(through));
    half(dGateUp, 1, rows, inter).assign(dProduct.muli(gate));
  }

  @Override
  public void transpose(Block x, Block y, int batch, int rows, int columns) {
    view(y, batch, columns, rows).assign(view(x, batch, rows, columns).permute(0, 2, 1));
  }

  @Override
  public void gather(Block x, int[] from, Block fallback, Block y, int n) {
    for (int row = 0; row < from.length; row++) {
      if (from[row] >= 0) {
        long[] shape = {1, n};
        long[] stride = {n, 1};
        view(y, shape, stride, (long) row * n, 'c')
            .assign(view(x, shape, stride, (long) from[row] * n, 'c'));
      } else {
        long width = fallback.length();
        INDArray rows =
            view(y, new long[] {n / width, width}, new long[] {width, 1}, (long) row * n, 'c');
        rows.assign(Nd4j.zerosLike(rows).addiRowVector(view(fallback, 1, width)));
      }
    }
  }

  @Override
  public void qHead(Block z, Block w, Block bias, Block q, int batch, int per, int d) {
    INDArray first = view(z, new long[] {batch, d}, new long[] {(long) per * d, 1}, 0, 'c');
    view(q, batch, 2).assign(first.mmul(view(w, 2, d).transpose()).addiRowVector(view(bias, 2)));
  }

  @Override
  public void distances(Block a, Block b, float[] norms, int batch, int n) {
    INDArray norm = view(a, batch, n).sub(view(b, batch, n)).norm2(1);
    System.arraycopy(norm.toFloatVector(), 0, norms, 0, batch);
  }

  @Override
  public void adamATan2(Block p, Block g, Block m, Block v, int n, AdamStep s, float scale) {
    INDArray gradient = view(g, n).mul(scale);
    INDArray first = view(m, n);
    INDArray second = view(v, n);
    first.addi(gradient.sub(first).muli(1 - s.beta1()));
    second.addi(gradient.mul(gradient).subi(second).muli(1 - s.beta2()));
    INDArray root = Transforms.sqrt(second, true).divi(Math.sqrt(1 - Math.pow(s.beta2(), s.t())));
    INDArray angle = Nd4j.createUninitialized(root.dataType(), n);
    Nd4j.exec(new ATan2(first, root, angle));
    double rate = s.lr() / (1 - Math.pow(s.beta1(), s.t()));
    INDArray parameter = view(p, n);
    parameter.muli(1 - (double) s.lr() * s.weightDecay()).subi(angle.muli(rate));
  }

  @Override
  public void adamW(Block p, Block g, Block m, Block v, int n, AdamStep s) {
    INDArray gradient = view(g, n);
    INDArray first = view(m, n);
    INDArray second = view(v, n);
    first.addi(gradient.sub(first).muli(1 - s.beta1()));
    second.addi(gradient.mul(gradient).subi(second).muli(1 - s.beta2()));
    INDArray root =
        Transforms.sqrt(second, true).divi(Math.sqrt(1 - Math.pow(s.beta2(), s.t()))).addi(1e-8);
    double rate = s.lr() / (1 - Math.pow(s.beta1(), s.t()));
    INDArray parameter = view(p, n);
    parameter.muli(1 - (double) s.lr() * s.weightDecay()).subi(first.div(root).muli(rate));
  }

  @Override
  public void blend(Block x, Block y, int n, float a, float b) {
    INDArray sum = view(x, n).mul(a).addi(view(y, n).mul(b));
    view(y, n).assign(sum);
  }

  @Override
  public void average(Block p, Block average, int n, float decay) {
    INDArray mean = view(average, n);
    mean.muli(decay).addi(view(p, n).mul(1 - decay));
  }

  @Override
  public void copy(Block x, Block y, int n) {
    view(y, n).assign(view(x, n));
  }

  @Override
  public void fill(Block x, int n, float value) {
    view(x, n).assign(value);
  }

  @Override
  public void close() {}
}
