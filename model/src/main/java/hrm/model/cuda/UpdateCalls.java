package hrm.model.cuda;

import static hrm.model.cuda.Operands.type;

import hrm.model.Block;
import hrm.model.Kernels.AdamStep;

/** Calls of updates.cu: optimizer steps and averages, over float32 parameters. */
final class UpdateCalls {
  private static final String SOURCE = "updates";

  private final Launch launch;

  UpdateCalls(Launch launch) {
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

  void average(Block p, Block average, int n, float decay) {
    launch.of(SOURCE, "average").in(p).out(average).number((long) n).number(decay);
    launch.overElements(n, 1);
  }
}
