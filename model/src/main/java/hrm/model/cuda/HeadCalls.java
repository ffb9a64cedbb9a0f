package hrm.model.cuda;

import static hrm.model.cuda.GpuBlock.of;
import static hrm.model.cuda.Operands.check;
import static hrm.model.cuda.Operands.type;
import static hrm.model.cuda.Operands.width;

import hrm.model.Block;
import hrm.model.Loss;
import hrm.model.host.HostKernels.Look;

/** Calls of heads.cu: the halting head, the losses and their gradients. */
final class HeadCalls {
  private static final String SOURCE = "heads";
  private static final int COLUMNS = 128; // of a block that sums a column a thread

  private final Launch launch;
  private final RowNumbers numbers;

  HeadCalls(Launch launch, RowNumbers numbers) {
    this.launch = launch;
    this.numbers = numbers;
  }

  void qHead(Block z, Block w, Block bias, Block q, int batch, int per, int d) {
    check("qHead", z, (long) batch * per * d);
    check("qHead", q, 2L * batch);
    Storage type = of(z).storage;
    launch.of(SOURCE, type.kernel("q_head", width(type, d, z))).in(z).in(w).in(bias).out(q);
    launch.number(batch).number((long) per * d).number(d).overRows(2L * batch);
  }

  void qHeadBackward(
      Block z, Block w, Block dq, Block dz, Block dw, Block dBias, int batch, int per, int d) {
    Storage type = type("qHeadBackward", z, dz);
    check("qHeadBackward", dz, (long) batch * per * d);
    int width = width(type, d, dz);
    launch.of(SOURCE, type.kernel("q_head_states", width)).in(w).in(dq).out(dz);
    launch.number((long) per * d).number(d).blocks(batch, d, width);
    launch.of(SOURCE, type.kernel("q_head_weights", 1)).in(z).in(dq).out(dw).out(dBias);
    launch.number(batch).number((long) per * d).number(d);
    launch.run((d + COLUMNS - 1) / COLUMNS, 2, 1, COLUMNS);
  }

  void cellLoss(Block logits, int[] labels, Block dLogits, Block seen, Loss.Cells of, Look s) {
    long cells = (long) s.batch() * s.per() * s.vocab();
    check("cellLoss", logits, cells);
    check("cellLoss", dLogits, cells);
    check("cellLoss", seen, 3L * s.batch());
    type("cellLoss", logits, dLogits, seen);
    for (int label : labels) {
      if (label != Loss.IGNORED && (label < 0 || label >= s.vocab())) {
        throw new IllegalArgumentException(
            "label %d is none of the %d in the vocabulary".formatted(label, s.vocab()));
      }
    }
    GpuBlock wanted = numbers.bring(labels);
    launch.of(SOURCE, "cell_loss").in(logits).in(wanted).out(dLogits).out(seen);
    launch.number(s.length()).number(s.prefix()).number(s.vocab());
    launch.number(of.type() == Loss.Type.SOFTMAX ? 1 : 0).number(of.smoothing());
    launch.number(of.scale()).run(s.batch(), 1, 1, 256);
  }

  void haltingLoss(Block q, Block seen, Block next, int[] last, Block dq, int batch, float scale) {
    GpuBlock ending = numbers.bring(last);
    launch.of(SOURCE, "halting_loss").in(q).in(seen).in(next).in(ending).out(dq);
    launch.number(batch).number(scale).overElements(batch, 1);
  }
}
