package hrm.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** H_level or L_level: z' = blocks(z + inputInjection), without a norm of its own. */
final class Level {
  private static final Logger log = LoggerFactory.getLogger(Level.class);

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

  /**
   * Buffers of one level for batches up to a size, grown when a larger one comes. Where memory is
   * short they stay smaller than the batch, which is then computed in parts.
   */
  final class Buffers {
    private final Kernels k;
    private int capacity;
    private int most = Integer.MAX_VALUE; // rows that memory allows
    private Block x;
    private Layer.Activations activations;

    Buffers(Kernels k) {
      this.k = k;
    }

    /** Rows that are computed at once, at most {@code batch}. */
    private int reserve(int batch) {
      while (Math.min(batch, most) > capacity) {
        int rows = Math.min(batch, most);
        try {
          grow(rows);
        } catch (DeviceMemoryException e) {
          close();
          if (rows == 1) {
            throw e;
          }
          most = Math.max(1, rows / 4); // others need memory too
          log.warn("{}; batches of {} are computed in parts of {}", e.getMessage(), batch, most);
        }
      }
      return Math.min(batch, capacity);
    }

    /** What takes memory beside these buffers, which make room for it while they can. */
    <T> T makingRoom(Supplier<T> work) {
      while (true) {
        try {
          return work.get();
        } catch (DeviceMemoryException e) {
          if (!shrink()) {
            throw e;
          }
        }
      }
    }

    /** Gives memory back for others and goes on with a quarter; false with a single row. */
    boolean shrink() {
      if (capacity <= 1) {
        return false;
      }
      most = Math.max(1, capacity / 4);
      close();
      log.warn("out of GPU memory: batches are computed in parts of {} to make room", most);
      return true;
    }

    private void grow(int rows) {
      close();
      x = k.allocateActivation((long) rows * c.sequence() * c.hiddenSize());
      activations = new Layer.Activations(k, c, mixing, rows, false);
      capacity = rows;
    }

    /** Frees what there is; the next step takes memory anew. */
    void close() {
      capacity = 0;
      if (x != null) {
        x.close();
        x = null;
      }
      if (activations != null) {
        activations.close();
        activations = null;
      }
    }
  }

  Buffers buffers(Kernels k) {
    return new Buffers(k);
  }

  /** The level's output for state + injection, in a buffer that the next call overwrites. */
  Block step(Buffers buffers, Block state, Block injection, int batch) {
    if (buffers.reserve(batch) < batch) {
      throw new DeviceMemoryException("a batch of %d does not fit".formatted(batch), null);
    }
    Block out = buffers.activations.y2; // may be the state, too: it is not tried again
    run(buffers, state, injection, out, null, 0, batch);
    buffers.k.stepped();
    return out;
  }

  /**
   * Writes the level's output for state + injection to {@code out}, which is neither; moved[at + i]
   * receives ||out_i - state_i||.
   */
  Block step(
      Buffers buffers, Block state, Block injection, Block out, Block moved, int at, int batch) {
    // Kernels take memory of their own at a first call: what they have written is written again.
    buffers.makingRoom(() -> runParts(buffers, state, injection, out, moved, at, batch));
    buffers.k.stepped();
    return out;
  }

  private Block runParts(
      Buffers buffers, Block state, Block injection, Block out, Block moved, int at, int batch) {
    int part = buffers.reserve(batch);
    if (part == batch) {
      run(buffers, state, injection, out, moved, at, batch);
    } else {
      long row = (long) c.sequence() * c.hiddenSize();
      for (int from = 0; from < batch; from += part) {
        int rows = Math.min(part, batch - from);
        run(
            buffers,
            state.slice(from * row, rows * row),
            injection.slice(from * row, rows * row),
            out.slice(from * row, rows * row),
            moved,
            at + from,
            rows);
      }
    }
    return out;
  }

  private void run(
      Buffers buffers, Block state, Block injection, Block out, Block moved, int at, int batch) {
    Kernels k = buffers.k;
    Layer.Activations a = buffers.activations;
    Layer layer = layers.get(0);
    layer.enter(k, state, injection, buffers.x, a, batch);
    layer.body(k, buffers.x, a, batch);
    for (int i = 1; i < layers.size(); i++) {
      layer = layers.get(i);
      layer.enterFromLast(k, buffers.x, a, batch);
      layer.body(k, buffers.x, a, batch);
    }
    layer.leave(k, out, a, batch, moved == null ? null : new Layer.Motion(state, moved, at));
  }

  /** Everything that one step computed, kept for its backward pass. */
  final class Tape {
    private final Block input; // state + injection (B, S, D)
    private final List<Layer.Activations> activations = new ArrayList<>();

    Tape(Kernels k, int batch) {
      input = k.allocateActivation((long) batch * c.sequence() * c.hiddenSize());
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
