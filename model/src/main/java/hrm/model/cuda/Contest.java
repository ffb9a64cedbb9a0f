package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;

import hrm.model.Block;
import hrm.model.DeviceMemoryException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether one kernel takes the place of several calls: tried once a GPU, with numbers whose sums
 * round. It must give the same bits, since a row's numbers must not depend on the number of rows,
 * and where that is asked for it must take less time.
 */
final class Contest {
  private static final Logger log = LoggerFactory.getLogger(Contest.class);
  private static final int CALLS = 20; // of one measured record

  private final GpuStream stream;
  private final GpuMemory memory;
  private final Graphs graphs;
  private final Map<Entry, Long> noRoom = new HashMap<>(); // bytes in use when no room was left

  /**
   * What is decided.
   *
   * @param rows that are tried
   * @param out rows of the weights
   */
  record Entry(String what, int rows, int in, int out, boolean timed) {}

  /** Microseconds of both ways, NaN where they were not measured, and whether one won. */
  record Outcome(double apart, double joined, boolean same, boolean won) {}

  /** x, r, between (rows, in), weights (out, in), wide, y (rows, out), in bfloat16. */
  record Operands(Block x, Block r, Block weights, Block between, Block wide, Block y) {}

  /** One way from x, r and weights to y, by way of the others. */
  interface Way {
    void run(Operands operands);
  }

  Contest(GpuStream stream, GpuMemory memory, Graphs graphs) {
    this.stream = stream;
    this.memory = memory;
    this.graphs = graphs;
  }

  boolean won(Entry entry, Way apart, Way joined) {
    synchronized (memory.gpu) {
      Outcome known = memory.gpu.contests.get(entry);
      if (known == null && hasRoom(entry)) {
        memory.gpu.use();
        long bytes = memory.gpu.bytes();
        try {
          known = hold(entry, apart, joined);
          memory.gpu.contests.put(entry, known);
          log.debug("{}: {}", entry, known);
        } catch (DeviceMemoryException e) {
          noRoom.put(entry, bytes);
          log.debug("{} is not tried: {}", entry, e.getMessage());
        }
      }
      return known != null && known.won();
    }
  }

  /**
   * A contest that found no room is held once there is more: each attempt costs this stream its
   * records, since their memory may be what is given back. A record has no room for any.
   */
  private boolean hasRoom(Entry entry) {
    return !graphs.isRecording() && memory.gpu.bytes() < noRoom.getOrDefault(entry, Long.MAX_VALUE);
  }

  /** Copies by itself: the lock is held, and those who use the GPU's transfers wait for it. */
  private Outcome hold(Entry entry, Way apart, Way joined) {
    List<GpuBlock> made = new ArrayList<>();
    try {
      Operands first = operands(entry, made, null);
      Operands second = operands(entry, made, first);
      apart.run(first);
      joined.run(second);
      boolean same =
          read(first.between()).equals(read(second.between()))
              && read(first.y()).equals(read(second.y()));
      if (!same || !entry.timed()) {
        return new Outcome(Double.NaN, Double.NaN, same, same);
      }
      double slow = micros(entry, () -> apart.run(first));
      double fast = micros(entry, () -> joined.run(first));
      return new Outcome(slow, fast, true, fast < slow);
    } finally {
      made.forEach(GpuBlock::free);
    }
  }

  private double micros(Entry entry, Runnable way) {
    Runnable calls =
        () -> {
          for (int i = 0; i < CALLS; i++) {
            way.run();
          }
        };
    return graphs.seconds(entry.what() + " that is tried", entry.rows(), calls) / CALLS * 1e6;
  }

  /** Blocks of their own for what is written; what is read is shared with the others. */
  private Operands operands(Entry of, List<GpuBlock> made, Operands others) {
    CancellingNumbers numbers = new CancellingNumbers(of.in());
    return new Operands(
        others == null ? filled(made, numbers.negated(of.rows())) : others.x(),
        others == null ? filled(made, numbers.negated(of.rows())) : others.r(),
        others == null ? filled(made, numbers.plain(of.out())) : others.weights(),
        block(made, of.rows() * of.in()),
        block(made, of.rows() * of.out()),
        block(made, of.rows() * of.out()));
  }

  private GpuBlock block(List<GpuBlock> made, int n) {
    GpuBlock block = memory.own(Storage.BFLOAT16, n);
    made.add(block);
    return block;
  }

  private GpuBlock filled(List<GpuBlock> made, float[] values) {
    GpuBlock block = block(made, values.length);
    ByteBuffer host = host(block);
    Storage.BFLOAT16.dtype.put(values, 0, values.length, host);
    copyNow(block.pointer, new BytePointer(host.clear()), host.capacity(), cudaMemcpyHostToDevice);
    return block;
  }

  private ByteBuffer read(Block block) {
    ByteBuffer host = host(block);
    BytePointer from = GpuBlock.of(block).pointer;
    copyNow(new BytePointer(host), from, host.capacity(), cudaMemcpyDeviceToHost);
    return host;
  }

  private static ByteBuffer host(Block block) {
    int bytes = Math.toIntExact(Storage.BFLOAT16.bytes * block.length());
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void copyNow(BytePointer to, BytePointer from, long bytes, int kind) {
    stream.copy(to, from, bytes, kind);
    stream.synchronize("numbers for calls that are tried");
  }
}
