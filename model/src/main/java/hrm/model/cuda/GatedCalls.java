package hrm.model.cuda;

import static hrm.model.cuda.GpuBlock.of;
import static hrm.model.cuda.Operands.check;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;

import hrm.model.Block;
import hrm.model.DeviceMemoryException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.BytePointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A product followed by its SwiGLU: by gates_wgmma.cu in one where that is faster, with many rows,
 * else one after the other. A row's numbers must not depend on how many there are, so both ways are
 * tried once on the same numbers, and the one call is given up where its bits differ.
 */
final class GatedCalls {
  private static final Logger log = LoggerFactory.getLogger(GatedCalls.class);
  private static final int MANY_ROWS = 4096;
  private static final int TRIED_ROWS = 300; // the last block of 128 not whole
  private static final int SHARED = 2 * 2 * (128 + 192) * 64; // bytes: two stages of tiles

  private final GpuStream stream;
  private final GpuMemory memory;
  private final Launch launch;
  private final ProductCalls products;
  private final GateCalls gates;

  GatedCalls(
      GpuStream stream, GpuMemory memory, Launch launch, ProductCalls products, GateCalls gates) {
    this.stream = stream;
    this.memory = memory;
    this.launch = launch;
    this.products = products;
    this.gates = gates;
  }

  void linearSwiGlu(Block x, Block w, Block gateUp, Block y, int rows, int in, int inter) {
    boolean one = rows >= MANY_ROWS && fits(x, y, in, inter) && isSame(in, inter);
    if (one) {
      inOne(x, w, y, rows, in, inter);
    } else {
      inTwo(x, w, gateUp, y, rows, in, inter);
    }
  }

  private boolean fits(Block x, Block y, int in, int inter) {
    return memory.gpu.device.hasWarpgroups()
        && of(x).storage == Storage.BFLOAT16
        && of(y).storage == Storage.BFLOAT16
        && (of(x).address | of(y).address) % 16 == 0
        && in % 64 == 0
        && inter % 96 == 0;
  }

  private boolean isSame(int in, int inter) {
    synchronized (memory.gpu) {
      List<Integer> shape = List.of(in, inter);
      Boolean known = memory.gpu.gatedInOne.get(shape);
      if (known == null) {
        known = compare(in, inter);
        memory.gpu.gatedInOne.put(shape, known);
      }
      return known;
    }
  }

  /** Copies by itself: the lock is held, and those who use the GPU's transfers wait for it. */
  private boolean compare(int in, int inter) {
    List<GpuBlock> made = new ArrayList<>();
    try {
      GpuBlock x = random(made, TRIED_ROWS * in, 1);
      GpuBlock w = random(made, 2 * inter * in, 1 / Math.sqrt(in));
      GpuBlock gateUp = block(made, 2 * TRIED_ROWS * inter);
      GpuBlock y = block(made, TRIED_ROWS * inter);
      inOne(x, w, y, TRIED_ROWS, in, inter);
      ByteBuffer one = read(y);
      inTwo(x, w, gateUp, y, TRIED_ROWS, in, inter);
      boolean equal = one.equals(read(y));
      log.debug(
          "gated products {} to {} in one: {}", in, inter, equal ? "same bits" : "other bits");
      return equal;
    } catch (DeviceMemoryException e) {
      log.debug("gated products {} to {} are not tried: {}", in, inter, e.getMessage());
      return false;
    } finally {
      made.forEach(GpuBlock::free);
    }
  }

  private GpuBlock block(List<GpuBlock> made, int n) {
    GpuBlock block = memory.own(Storage.BFLOAT16, n);
    made.add(block);
    return block;
  }

  private GpuBlock random(List<GpuBlock> made, int n, double scale) {
    SplittableRandom random = new SplittableRandom(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (scale * random.nextDouble(-2, 2));
    }
    ByteBuffer host = ByteBuffer.allocateDirect(2 * n).order(ByteOrder.LITTLE_ENDIAN);
    Storage.BFLOAT16.dtype.put(values, 0, n, host);
    GpuBlock block = block(made, n);
    copyNow(block.pointer, new BytePointer(host.clear()), 2L * n, cudaMemcpyHostToDevice);
    return block;
  }

  private ByteBuffer read(GpuBlock block) {
    int bytes = Math.toIntExact(2 * block.length());
    ByteBuffer host = ByteBuffer.allocateDirect(bytes);
    copyNow(new BytePointer(host), block.pointer, bytes, cudaMemcpyDeviceToHost);
    return host;
  }

  private void copyNow(BytePointer to, BytePointer from, long bytes, int kind) {
    stream.copy(to, from, bytes, kind);
    stream.synchronize("numbers for a gated product that is tried");
  }

  private void inOne(Block x, Block w, Block y, int rows, int in, int inter) {
    check("gated product", x, (long) rows * in);
    check("gated product", w, 2L * inter * in);
    check("gated product", y, (long) rows * inter);
    Block weights = products.operand(w, 2L * inter * in);
    launch.of("gates_wgmma", "gated_product", SHARED).in(x).in(weights).out(y);
    launch.number(rows).number(in).number(inter);
    launch.run(inter / 96, (rows + 127) / 128, 1, 256);
  }

  private void inTwo(Block x, Block w, Block gateUp, Block y, int rows, int in, int inter) {
    products.linear(x, w, gateUp, rows, in, 2 * inter);
    gates.swiGlu(gateUp, y, rows, inter);
  }
}
