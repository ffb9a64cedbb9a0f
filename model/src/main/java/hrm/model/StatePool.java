package hrm.model;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Memory of hidden states that were given back, by size: no allocation in a warm tick. */
final class StatePool {
  private final Kernels kernels;
  private final int sequence;
  private final int hidden;
  private final Map<Long, ArrayDeque<Block>> free = new HashMap<>();
  private final BooleanSupplier relief;
  private boolean closed;

  /**
   * @param relief gives back memory that can be done without; false when there is none
   */
  StatePool(Kernels kernels, int sequence, int hidden, BooleanSupplier relief) {
    this.relief = relief;
    this.kernels = kernels;
    this.sequence = sequence;
    this.hidden = hidden;
  }

  /** A state with undefined contents. Memory is rounded up to a power of two of rows. */
  synchronized HiddenState take(int batch) {
    long length = (long) Integer.highestOneBit(Math.max(1, 2 * batch - 1)) * sequence * hidden;
    ArrayDeque<Block> blocks = free.get(length);
    Block block = blocks == null || blocks.isEmpty() ? allocate(length) : blocks.pop();
    return new HiddenState(this, block, batch, sequence, hidden);
  }

  private Block allocate(long length) {
    while (true) {
      try {
        return kernels.allocateState(length);
      } catch (DeviceMemoryException e) {
        if (!relief.getAsBoolean()) {
          throw e;
        }
      }
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
    HiddenState copy = take(state.batch());
    if (state.isPacked()) {
      ((PackedBlock) state.block()).copyTo(copy.block());
    } else {
      kernels.bring(state.block(), copy.block(), state.batch() * sequence * hidden);
    }
    return copy;
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
