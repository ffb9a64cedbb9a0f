package hrm.model;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Memory of hidden states that were given back, by size: no allocation in a warm tick. */
final class StatePool {
  private final Kernels kernels;
  private final int sequence;
  private final int hidden;
  private final Map<Long, ArrayDeque<Block>> free = new HashMap<>();
  private final Level.Buffers others;
  private boolean closed;

  /**
   * @param others make room for states
   */
  StatePool(Kernels kernels, int sequence, int hidden, Level.Buffers others) {
    this.others = others;
    this.kernels = kernels;
    this.sequence = sequence;
    this.hidden = hidden;
  }

  /** A state with undefined contents. Memory is rounded up to a power of two of rows. */
  synchronized HiddenState take(int batch) {
    long length = (long) Integer.highestOneBit(Math.max(1, 2 * batch - 1)) * sequence * hidden;
    ArrayDeque<Block> blocks = free.get(length);
    Block block =
        blocks == null || blocks.isEmpty()
            ? others.makingRoom(() -> kernels.allocateState(length))
            : blocks.pop();
    return new HiddenState(this, block, batch, sequence, hidden);
  }

  /** A state that is written at once, and given back where that fails. */
  HiddenState filled(int batch, Consumer<Block> writer) {
    HiddenState state = take(batch);
    try {
      writer.accept(state.block());
      return state;
    } catch (RuntimeException e) {
      state.close();
      throw e;
    }
  }

  /** The state itself, or a copy here of one that is packed or on a device out of reach. */
  HiddenState resident(HiddenState state) {
    if (!state.isPacked() && kernels.reaches(state.block())) {
      return state;
    }
    if (state.sequence() != sequence || state.hidden() != hidden) {
      throw new IllegalArgumentException(
          "a state of %d x %d came where the model's are %d x %d"
              .formatted(state.sequence(), state.hidden(), sequence, hidden));
    }
    Block there = state.block();
    int n = state.batch() * sequence * hidden;
    return filled(
        state.batch(),
        here -> {
          if (there instanceof PackedBlock packed) {
            packed.copyTo(here);
          } else {
            kernels.bring(there, here, n);
          }
        });
  }

  synchronized void giveBack(Block block) {
    if (closed) {
      block.close();
    } else {
      free.computeIfAbsent(block.length(), length -> new ArrayDeque<>()).push(block);
    }
  }

  /** Frees what was given back, now and from now on. */
  synchronized void close() {
    closed = true;
    free.values().forEach(blocks -> blocks.forEach(Block::close));
    free.clear();
  }
}
