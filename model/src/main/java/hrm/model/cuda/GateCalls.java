package hrm.model.cuda;

import static hrm.model.cuda.Operands.type;
import static hrm.model.cuda.Operands.width;

import hrm.model.Block;

/** Calls of gates.cu: SwiGLU, plain and with its product normed. */
final class GateCalls {
  private static final String SOURCE = "gates";

  private final Launch launch;

  GateCalls(Launch launch) {
    this.launch = launch;
  }

  void swiGlu(Block gateUp, Block y, int rows, int inter) {
    Storage type = type("swiGlu", gateUp, y);
    int width = width(type, inter, gateUp, y);
    launch.of(SOURCE, type.kernel("swiglu", width)).follows().in(gateUp).out(y).number(inter);
    launch.blocks(rows, inter, width);
  }

  void swiGluBackward(Block gateUp, Block dy, Block dGateUp, int rows, int inter) {
    Storage type = type("swiGluBackward", gateUp, dy, dGateUp);
    int width = width(type, inter, gateUp, dy, dGateUp);
    launch.of(SOURCE, type.kernel("swiglu_backward", width)).in(gateUp).in(dy).out(dGateUp);
    launch.number(inter).blocks(rows, inter, width);
  }

  void swiGluNorm(Block gateUp, Block y, int rows, int inter, float eps) {
    Storage type = type("swiGluNorm", gateUp, y);
    launch.of(SOURCE, type.kernel("swiglu_norm", width(type, inter, gateUp, y)));
    launch.in(gateUp).out(y).number(rows).number(inter).number(eps).overRows(rows);
  }

  void swiGluNormBackward(Block gateUp, Block dy, Block dGateUp, int rows, int inter, float eps) {
    Storage type = type("swiGluNormBackward", gateUp, dy, dGateUp);
    int width = width(type, inter, gateUp, dy, dGateUp);
    launch.of(SOURCE, type.kernel("swiglu_norm_backward", width)).in(gateUp).in(dy).out(dGateUp);
    launch.number(rows).number(inter).number(eps).overRows(rows);
  }
}
