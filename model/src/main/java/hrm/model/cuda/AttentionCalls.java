package hrm.model.cuda;

import static hrm.model.cuda.Operands.check;
import static hrm.model.cuda.Operands.type;

import hrm.model.Block;
import java.util.List;
import java.util.Set;

/**
 * Calls of attention.cu, and of attention_mma*.cu and attention_wgmma.cu for bfloat16 heads of the
 * sizes that tensor cores take.
 */
final class AttentionCalls {
  private static final Set<Integer> TENSOR_HEADS = Set.of(16, 32, 64, 128);
  private static final int MOST_SHORT = 96; // positions of attention_short, of heads up to 64

  private static final int ROW = 2 * 64; // bytes of a head

  private final GpuMemory memory;
  private final Launch launch;
  private GpuBlock keys; // bfloat16 as float32: the keys turned, where they are many
  private GpuBlock stats; // float32: of the backward pass, two numbers a query and head

  AttentionCalls(GpuMemory memory, Launch launch) {
    this.memory = memory;
    this.launch = launch;
  }

  void forward(Block qkv, Block rope, Block y, int batch, int per, int heads, int d) {
    Storage type = type("attention", qkv, y);
    checkHead(d);
    check("attention", qkv, 3L * batch * per * heads * d);
    check("attention", y, (long) batch * per * heads * d);
    if (!onTensorCores(type, d)) {
      launch.of("attention", type.kernel("attention", 1));
      launch.in(qkv).in(rope).out(y).number(per).number(heads).number(d);
      launch.overRows(per, heads, batch);
    } else if (isShort(per, d)) {
      shortForward(qkv, rope, y, batch, per, heads, d);
    } else {
      Block turned = rope == null ? null : turnKeys(qkv, rope, batch, per, heads, d);
      int rows = d == 128 ? 64 : 128; // queries of a block
      int threads = 128;
      if (d == 64 && memory.gpu.device.hasWarpgroups()) {
        rows = fills(64, 1, per, heads, batch) ? 128 : 64;
        threads = 2 * rows;
        launch.of("attention_wgmma", "attention_wgmma_" + rows / 64, (3 * 2 * 96 + rows) * ROW);
      } else {
        launch.of("attention_mma", "attention_long_" + d);
      }
      launch.in(qkv).in(turned).in(rope).out(y).number(per).number(heads);
      launch.run((per + rows - 1) / rows, heads, batch, threads);
    }
  }

  /** Where samples are few, their queries share their keys among more blocks: the same numbers. */
  private void shortForward(Block qkv, Block rope, Block y, int batch, int per, int heads, int d) {
    int queries = fills(16, 1, per, heads, batch) ? 32 : 16;
    if (d == 64 && !fills(queries, 2, per, heads, batch)) {
      launch.of("attention_mma_few", "attention_few_" + queries).follows();
      launch.in(qkv).in(rope).out(y).number(per).number(heads);
      launch.run((per + queries - 1) / queries, heads, batch, 8 * queries);
    } else {
      launch.of("attention_mma", "attention_short_" + d).follows();
      launch.in(qkv).in(rope).out(y).number(per).number(heads);
      launch.run(1, heads, batch, 32 * ((per + 15) / 16));
    }
  }

  /** Whether there are more blocks of so many queries than some for each multiprocessor. */
  private boolean fills(int queries, int each, int per, int heads, int batch) {
    long blocks = (per + queries - 1L) / queries * heads * batch;
    return blocks > (long) each * memory.gpu.multiprocessors;
  }

  /** Once, since each block of queries would do it again. */
  private Block turnKeys(Block qkv, Block rope, int batch, int per, int heads, int d) {
    long rows = (long) batch * per;
    keys = memory.scratch(keys, rows * heads * d / 2);
    launch.of("attention_mma", "turn_keys_" + d).follows().in(qkv).in(rope).out(keys);
    launch.number(rows).number(per).number(heads);
    launch.run((rows * heads * (d / 16) + 255) / 256, 1, 1, 256);
    return keys;
  }

  void backward(Block qkv, Block rope, Block dy, Block dqkv, int batch, int per, int heads, int d) {
    Storage type = type("attentionBackward", qkv, dy, dqkv);
    checkHead(d);
    boolean tensor = onTensorCores(type, d);
    if (tensor && isShort(per, d)) {
      int shared = 2 * MOST_SHORT * (4 * (d + 8) + 2 * (MOST_SHORT + 8));
      launch.of("attention_mma_short_backward", "attention_short_backward_" + d, shared);
      launch.in(qkv).in(rope).in(dy).out(dqkv).number(per).number(heads);
      launch.run(1, heads, batch, 32 * ((per + 15) / 16));
      return;
    }
    stats = memory.scratch(stats, 2L * batch * heads * per);
    for (String half : List.of("queries", "keys")) {
      if (tensor) {
        int shared = 4 * (d + 8) * (128 + (d == 128 ? 32 : 64)); // bytes: 2 tiles of each height
        String kernel = "attention_mma_backward_" + half + "_" + d;
        launch.of("attention_mma_backward", kernel, shared);
      } else {
        launch.of("attention", type.kernel("attention_backward_" + half, 1));
      }
      launch.in(qkv).in(rope).in(dy).out(dqkv).out(stats).number(per).number(heads);
      if (tensor) {
        int warps = Math.min(8, (per + 15) / 16); // of 16 rows each
        launch.run((per + 16L * warps - 1) / (16L * warps), heads, batch, 32 * warps);
      } else {
        launch.number(d).overRows(per, heads, batch);
      }
    }
  }

  private static boolean isShort(int per, int d) {
    return per <= MOST_SHORT && d <= 64;
  }

  private static boolean onTensorCores(Storage type, int d) {
    return type == Storage.BFLOAT16 && TENSOR_HEADS.contains(d);
  }

  private static void checkHead(int d) {
    if (d > 256 || d % 2 != 0) {
      throw new IllegalArgumentException(
          "attention heads of %d elements: the GPU takes even numbers up to 256".formatted(d));
    }
  }
}
