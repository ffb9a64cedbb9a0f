package hrm.model.cuda;

import static hrm.model.cuda.Operands.type;

import hrm.model.Block;
import hrm.model.Kernels.AdamStep;

/** Calls of updates.cu: optimizer steps, averages and norms, over float32 parameters. */
final class UpdateCalls {
  private static final String SOURCE = "updates";

  private static final int PARTS = 256; // of a sum over a whole matrix

  private final GpuMemory memory;
  private final Launch launch;
  private GpuBlock parts;

  UpdateCalls(GpuMemory memory, Launch launch) {
    this.memory = memory;
    this.launch = launch;
  }

  void adamATan2(Block p, Block g, Block m, Block v, int n, AdamStep s, float scale) {
    adam("adam_atan2", p, g, m, v, n, s).number(scale).overElements(n, 1);
  }

  void adamW(Block p, Block g, Block m, Block v, int n, AdamStep s) {
    adam("adam_w", p, g, m, v, n, s).overElements(n, 1);
  }

  private Launch adam(String kernel, Block p, Block g, Block m, Block v, int n, AdamStep s) {
    type(kernel, p, g, m, v);
    return launch
        .of(SOURCE, kernel)
        .out(p)
        .in(g)
        .out(m)
        .out(v)
        .number((long) n)
        .number((float) (1 - (double) s.lr() * s.weightDecay()))
        .number((float) (s.lr() / (1 - Math.pow(s.beta1(), s.t()))))
        .number((float) Math.sqrt(1 - Math.pow(s.beta2(), s.t())))
        .number(s.beta1())
        .number(s.beta2());
  }

  void normalise(Block x, int n, float eps) {
    parts = memory.scratch(parts, PARTS);
    long blocks = Math.max(1, Math.min(PARTS, (n + 255L) / 256));
    launch.of(SOURCE, "squares").in(x).out(parts).number((long) n).run(blocks, 1, 1, 256);
    launch.of(SOURCE, "normalise").out(x).in(parts).number((int) blocks).number((long) n);
    launch.number(eps).overElements(n, 1);
  }

  void average(Block p, Block average, int n, float decay) {
    launch.of(SOURCE, "average").in(p).out(average).number((long) n).number(decay);
    launch.overElements(n, 1);
  }
}
