package hrm.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One block of a level: its weights, and its forward and backward pass over the kernels.
 *
 * <p>Post-norm: x = rms(x + mix(x)); x = rms(x + mlp(x)), where mix is attention, or in TRM's mixer
 * a SwiGLU over the transposed (B, D, S), normed over S as well.
 */
final class Layer {
  private final HrmConfig c;
  private final boolean mixing;
  private final Block mixIn; // attention: qkv (3D, D); mixing: gate_up (2 interS, S)
  private final Block mixOut; // attention: o (D, D); mixing: down (S, interS)
  private final Block gateUp; // (2 inter, D)
  private final Block down; // (D, inter)
  private final Block rope; // (S, d) cos, (S, d) sin; null unless rope
  private final int interS;
  private final int inter;

  Layer(HrmConfig c, boolean mixing, String prefix, Function<String, Block> weights, Block rope) {
    this.c = c;
    this.mixing = mixing;
    String mix = prefix + (mixing ? "mlp_t." : "self_attn.");
    this.mixIn = weights.apply(mix + (mixing ? "gate_up_proj" : "qkv_proj") + ".weight");
    this.mixOut = weights.apply(mix + (mixing ? "down_proj" : "o_proj") + ".weight");
    this.gateUp = weights.apply(prefix + "mlp.gate_up_proj.weight");
    this.down = weights.apply(prefix + "mlp.down_proj.weight");
    this.rope = rope;
    this.inter = c.inter(c.hiddenSize());
    this.interS = c.inter(c.sequence());
  }

  /**
   * What one layer computes on the way to its output, each (B, ...). Serving reuses one for all
   * layers; learning keeps one a layer for the backward pass.
   */
  static final class Activations {
    final Block mixed; // attention: qkv (S, 3D); mixing: gate_up (D, 2 interS)
    final Block gatedS; // attention: heads (S, D); mixing: (D, interS)
    final Block transposed; // mixing: xᵀ (D, S)
    final Block normedS; // mixing: y1ᵀ (D, S)
    final Block projected; // (S, D)
    final Block y1; // (S, D)
    final Block gateUp; // (S, 2 inter)
    final Block gated; // (S, inter)
    final Block y2; // (S, D)
    final Block inverse1; // (S) or (D)
    final Block inverse2; // (S)

    private final List<Block> all = new ArrayList<>();

    Activations(Kernels k, HrmConfig c, boolean mixing, int batch, boolean learning) {
      long s = (long) batch * c.sequence();
      long d = (long) batch * c.hiddenSize();
      long sd = s * c.hiddenSize();
      try {
        mixed = activation(k, mixing ? d * 2 * c.inter(c.sequence()) : sd * 3);
        gatedS = activation(k, mixing ? d * c.inter(c.sequence()) : sd);
        transposed = mixing ? activation(k, sd) : null;
        normedS = mixing ? activation(k, sd) : null;
        projected = activation(k, sd);
        y1 = activation(k, sd);
        gateUp = activation(k, s * 2 * c.inter(c.hiddenSize()));
        gated = activation(k, s * c.inter(c.hiddenSize()));
        y2 = activation(k, sd);
        inverse1 = learning ? k.allocate(mixing ? d : s) : null;
        inverse2 = learning ? k.allocate(s) : null;
      } catch (DeviceMemoryException e) {
        close();
        throw e;
      }
    }

    private Block activation(Kernels k, long length) {
      Block block = k.allocateActivation(length);
      all.add(block);
      return block;
    }

    /** Frees what serving uses; what is learnt with goes with its kernels. */
    void close() {
      all.forEach(Block::close);
      all.clear();
    }
  }

  /** Where a step's own motion goes: moved[at + i] = ||y_i - before_i||. */
  record Motion(Block before, Block moved, int at) {}

  /** Writes the layer's output to y (B, S, D), which may be x itself. */
  void forward(Kernels k, Block x, Block y, Activations a, int batch) {
    enter(k, x, a, batch);
    body(k, x, a, batch);
    leave(k, y, a, batch, null);
  }

  /** x = z + injection (B, S, D), and its first product. */
  void enter(Kernels k, Block z, Block injection, Block x, Activations a, int batch) {
    int s = c.sequence();
    int d = c.hiddenSize();
    if (mixing) {
      k.add(z, injection, x, batch * s * d);
      enter(k, x, a, batch);
    } else {
      k.addLinear(z, injection, x, mixIn, a.mixed, batch, s, d, 3 * d);
    }
  }

  /** The first product of x (B, S, D). */
  void enter(Kernels k, Block x, Activations a, int batch) {
    int s = c.sequence();
    int d = c.hiddenSize();
    if (mixing) {
      k.transpose(x, a.transposed, batch, s, d);
      k.linear(a.transposed, mixIn, a.mixed, batch, d, s, 2 * interS);
    } else {
      k.linear(x, mixIn, a.mixed, batch, s, d, 3 * d);
    }
  }

  /** {@link #leave} of another layer with the same activations, to x, and {@link #enter}. */
  void enterFromLast(Kernels k, Block x, Activations a, int batch) {
    int s = c.sequence();
    int d = c.hiddenSize();
    if (mixing) {
      leave(k, x, a, batch, null);
      enter(k, x, a, batch);
    } else {
      float eps = c.rmsNormEps();
      k.addNormLinear(a.y1, a.projected, x, mixIn, a.mixed, batch, s, d, 3 * d, eps);
    }
  }

  /** All between the first product and the norm of what the last one leaves. */
  void body(Kernels k, Block x, Activations a, int batch) {
    int s = c.sequence();
    int d = c.hiddenSize();
    float eps = c.rmsNormEps();
    boolean joined = a.inverse2 == null && !c.swiGluNorm(); // nobody learns from gateUp
    if (mixing) {
      swiGlu(k, a.mixed, a.gatedS, batch * d, interS);
      k.linear(a.gatedS, mixOut, a.projected, batch, d, interS, s);
      k.addNorm(a.transposed, a.projected, a.normedS, a.inverse1, batch * d, s, eps);
      k.transpose(a.normedS, a.y1, batch, d, s);
    } else {
      k.attention(a.mixed, rope, a.gatedS, batch, s, c.numHeads(), c.headDim());
      k.linear(a.gatedS, mixOut, a.projected, batch, s, d, d);
      if (!joined) {
        k.addNorm(x, a.projected, a.y1, a.inverse1, batch * s, d, eps);
      }
    }
    if (!joined) {
      k.linear(a.y1, gateUp, a.gateUp, batch, s, d, 2 * inter);
      swiGlu(k, a.gateUp, a.gated, batch * s, inter);
    } else if (mixing) {
      k.linearSwiGlu(a.y1, gateUp, a.gateUp, a.gated, batch, s, d, inter);
    } else {
      k.addNormLinearSwiGlu(
          x, a.projected, a.y1, gateUp, a.gateUp, a.gated, batch, s, d, inter, eps);
    }
    k.linear(a.gated, down, a.projected, batch, s, inter, d);
  }

  /** The output, to y (B, S, D), and its motion unless that is null. */
  void leave(Kernels k, Block y, Activations a, int batch, Motion motion) {
    int s = c.sequence();
    int d = c.hiddenSize();
    float eps = c.rmsNormEps();
    if (motion == null) {
      k.addNorm(a.y1, a.projected, y, a.inverse2, batch * s, d, eps);
    } else {
      Block moved = motion.moved();
      k.addNormMoved(a.y1, a.projected, y, motion.before(), moved, motion.at(), batch, s, d, eps);
    }
  }

  private void swiGlu(Kernels k, Block gateUp, Block y, int rows, int inter) {
    if (c.swiGluNorm()) {
      k.swiGluNorm(gateUp, y, rows, inter, c.rmsNormEps());
    } else {
      k.swiGlu(gateUp, y, rows, inter);
    }
  }

  private void swiGluBackward(
      Kernels k, Block gateUp, Block dy, Block dGateUp, int rows, int inter) {
    if (c.swiGluNorm()) {
      k.swiGluNormBackward(gateUp, dy, dGateUp, rows, inter, c.rmsNormEps());
    } else {
      k.swiGluBackward(gateUp, dy, dGateUp, rows, inter);
    }
  }

  /** Scratch of the backward pass, shared by all layers. */
  static final class Scratch {
    final Block dWide; // (B, S, max(2 inter, 3D)) or (B, D, 2 interS)
    final Block dGated; // (B, S, max(inter, D)) or (B, D, interS)
    final Block dTransposed; // (B, D, S)

    Scratch(Kernels k, HrmConfig c, int batch) {
      long s = (long) batch * c.sequence();
      long d = (long) batch * c.hiddenSize();
      int inter = c.inter(c.hiddenSize());
      int interS = c.inter(c.sequence());
      dWide =
          k.allocateActivation(
              Math.max(s * Math.max(2 * inter, 3 * c.hiddenSize()), d * 2 * interS));
      dGated = k.allocateActivation(Math.max(s * Math.max(inter, c.hiddenSize()), d * interS));
      dTransposed = k.allocateActivation(s * c.hiddenSize());
    }
  }

  /**
   * Turns dy, the gradient of {@code a.y2}, into the gradient of x in place, and adds to the
   * weights' gradients.
   */
  void backward(
      Kernels k,
      Block x,
      Activations a,
      Block dy,
      Scratch scratch,
      Map<Block, Block> gradients,
      int batch) {
    int s = c.sequence();
    int d = c.hiddenSize();
    int rows = batch * s;
    k.addNormBackward(dy, a.y2, a.inverse2, dy, rows, d);
    k.linearBackwardWeight(dy, a.gated, gradients.get(down), rows, inter, d);
    k.linearBackwardInput(dy, down, scratch.dGated, rows, inter, d, false);
    swiGluBackward(k, a.gateUp, scratch.dGated, scratch.dWide, rows, inter);
    k.linearBackwardWeight(scratch.dWide, a.y1, gradients.get(gateUp), rows, d, 2 * inter);
    k.linearBackwardInput(scratch.dWide, gateUp, dy, rows, d, 2 * inter, true);
    if (mixing) {
      int columns = batch * d;
      Block dT = scratch.dTransposed;
      k.transpose(dy, dT, batch, s, d);
      k.addNormBackward(dT, a.normedS, a.inverse1, dT, columns, s);
      k.linearBackwardWeight(dT, a.gatedS, gradients.get(mixOut), columns, interS, s);
      k.linearBackwardInput(dT, mixOut, scratch.dGated, columns, interS, s, false);
      swiGluBackward(k, a.mixed, scratch.dGated, scratch.dWide, columns, interS);
      k.linearBackwardWeight(
          scratch.dWide, a.transposed, gradients.get(mixIn), columns, s, 2 * interS);
      k.linearBackwardInput(scratch.dWide, mixIn, dT, columns, s, 2 * interS, true);
      k.transpose(dT, dy, batch, d, s);
    } else {
      k.addNormBackward(dy, a.y1, a.inverse1, dy, rows, d);
      k.linearBackwardWeight(dy, a.gatedS, gradients.get(mixOut), rows, d, d);
      k.linearBackwardInput(dy, mixOut, scratch.dGated, rows, d, d, false);
      k.attentionBackward(
          a.mixed, rope, scratch.dGated, scratch.dWide, batch, s, c.numHeads(), c.headDim());
      k.linearBackwardWeight(scratch.dWide, x, gradients.get(mixIn), rows, d, 3 * d);
      k.linearBackwardInput(scratch.dWide, mixIn, dy, rows, d, 3 * d, true);
    }
  }
}
