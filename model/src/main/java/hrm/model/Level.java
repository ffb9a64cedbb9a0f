package hrm.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** H_level or L_level: z' = blocks(z + inputInjection), without a norm of its own. */
final class Level {
  private final HrmConfig c;
  private final boolean mixing;
  private final List<Layer> layers = new ArrayList<>();

  /**
   * @param name H_level or L_level; weights resolves full tensor names to resident blocks
   */
  Level(HrmConfig c, String name, Function<String, Block> weights, Block rope) {
    this.c = c;
    boolean high = name.equals("H_level") && !c.singleNet();
    this.mixing = high ? c.hMixing() : c.lMixing();
    String prefix = high ? "H_level" : "L_level";
    for (int i = 0; i < (high ? c.hLayers() : c.lLayers()); i++) {
      layers.add(new Layer(c, mixing, prefix + ".layers." + i + ".", weights, rope));
    }
  }

  /** Buffers of one level for batches up to a size, grown when a larger one comes. */
  final class Buffers {
    private final Kernels k;
    private int capacity;
    private Block x;
    private Layer.Activations activations;

    Buffers(Kernels k) {
      this.k = k;
    }

    private void reserve(int batch) {
      if (batch > capacity) {
        capacity = batch;
        x = k.allocate((long) batch * c.sequence() * c.hiddenSize());
        activations = new Layer.Activations(k, c, mixing, batch, false);
      }
    }
  }

  Buffers buffers(Kernels k) {
    return new Buffers(k);
  }

  /** The level's output for state + injection, in a buffer that the next call overwrites. */
  Block step(Buffers buffers, Block state, Block injection, int batch) {
    buffers.reserve(batch);
    return step(buffers, state, injection, buffers.activations.y2, batch);
  }

  /** Writes the level's output for state + injection to {@code out}. */
  Block step(Buffers buffers, Block state, Block injection, Block out, int batch) {
    buffers.reserve(batch);
    Kernels k = buffers.k;
    k.add(state, injection, buffers.x, batch * c.sequence() * c.hiddenSize());
    for (int i = 0; i < layers.size(); i++) {
      Block y = i == layers.size() - 1 ? out : buffers.x;
      layers.get(i).forward(k, buffers.x, y, buffers.activations, batch);
    }
    k.stepped();
    return out;
  }

  /** Everything that one step computed, kept for its backward pass. */
  final class Tape {
    private final Block input; // state + injection (B, S, D)
    private final List<Layer.Activations> activations = new ArrayList<>();

    Tape(Kernels k, int batch) {
      input = k.allocate((long) batch * c.sequence() * c.hiddenSize());
      for (int i = 0; i < layers.size(); i++) {
        activations.add(new Layer.Activations(k, c, mixing, batch, true));
      }
    }

    Block output() {
      return activations.get(activations.size() - 1).y2;
    }
  }

  Tape tape(Kernels k, int batch) {
    return new Tape(k, batch);
  }

  /** Like {@link #step}, recorded on the tape; the output stays there. */
  Block record(Kernels k, Tape tape, Block state, Block injection, int batch) {
    k.add(state, injection, tape.input, batch * c.sequence() * c.hiddenSize());
    Block x = tape.input;
    for (int i = 0; i < layers.size(); i++) {
      Layer.Activations a = tape.activations.get(i);
      layers.get(i).forward(k, x, a.y2, a, batch);
      x = a.y2;
    }
    return x;
  }

  /** Turns dz, the gradient of the tape's output, into the gradient of state + injection. */
  void backward(
      Kernels k,
      Tape tape,
      Block dz,
      Layer.Scratch scratch,
      Map<Block, Block> gradients,
      int batch) {
    for (int i = layers.size() - 1; i >= 0; i--) {
      Block x = i == 0 ? tape.input : tape.activations.get(i - 1).y2;
      layers.get(i).backward(k, x, tape.activations.get(i), dz, scratch, gradients, batch);
    }
  }
}
