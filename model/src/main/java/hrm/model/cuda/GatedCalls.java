package hrm.model.cuda;

import static hrm.model.cuda.GpuBlock.of;
import static hrm.model.cuda.Operands.check;

import hrm.model.Block;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
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

  private final GpuMemory memory;
  private final Launch launch;
  private final ProductCalls products;
  private final GateCalls gates;
  private final Map<List<Integer>, Boolean> same = new HashMap<>();

  GatedCalls(GpuMemory memory, Launch launch, ProductCalls products, GateCalls gates) {
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
    return same.computeIfAbsent(List.of(in, inter), shape -> compare(in, inter));
  }

  private boolean compare(int in, int inter) {
    Block x = random(TRIED_ROWS * in, 1);
    Block w = random(2 * inter * in, 1 / Math.sqrt(in));
    Block gateUp = memory.own(Storage.BFLOAT16, 2L * TRIED_ROWS * inter);
    Block y = memory.own(Storage.BFLOAT16, (long) TRIED_ROWS * inter);
    try {
      float[] one = new float[TRIED_ROWS * inter];
      float[] two = new float[TRIED_ROWS * inter];
      inOne(x, w, y, TRIED_ROWS, in, inter);
      y.read(0, one, 0, one.length);
      inTwo(x, w, gateUp, y, TRIED_ROWS, in, inter);
      y.read(0, two, 0, two.length);
      boolean equal = Arrays.equals(one, two);
      log.debug(
          "gated products {} to {} in one: {}", in, inter, equal ? "same bits" : "other bits");
      return equal;
    } finally {
      for (Block block : List.of(x, w, gateUp, y)) {
        block.close();
      }
    }
  }

  private Block random(int n, double scale) {
    SplittableRandom random = new SplittableRandom(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (scale * random.nextDouble(-2, 2));
    }
    Block block = memory.own(Storage.BFLOAT16, n);
    block.write(0, values, 0, n);
    return block;
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
