package hrm.model.cuda;

import hrm.model.Carry;
import hrm.model.Heads;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.HrmConfig;
import hrm.model.LowLevel;
import hrm.model.Model;
import hrm.model.Weights;
import java.util.Arrays;

/** A model of the published size at work on a batch. */
final class CudaBenchModel implements AutoCloseable {
  final HrmConfig c;
  final HighLevel high;
  final LowLevel low;
  final Hrm hrm;
  final HiddenState inputs;
  Carry carry;

  CudaBenchModel(CudaBackend backend, int sequence, int batch) {
    c = config(sequence);
    Model model = new Model("bench", c, Weights.random(c, 1), "");
    high = model.highLevel(backend);
    low = model.lowLevel(backend);
    hrm = new Hrm(high, low, c);
    int[][] tokens = new int[batch][c.seqLen()];
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < c.seqLen(); i++) {
        tokens[b][i] = 1 + (b + i * 7) % (c.vocabSize() - 1);
      }
    }
    int[] fresh = new int[batch];
    Arrays.fill(fresh, -1);
    carry = high.seat(null, fresh);
    inputs = high.embed(tokens, new int[batch]);
  }

  /** The heads come to the host last: it has ended. */
  Heads plain() {
    return ended(hrm.segment(carry, inputs));
  }

  Heads traced() {
    return ended(hrm.traced(carry, inputs).segment());
  }

  private Heads ended(Hrm.Segment segment) {
    carry.close();
    carry = segment.carry();
    return segment.heads();
  }

  @Override
  public void close() {
    carry.close();
    inputs.close();
    high.close();
    low.close();
  }

  static HrmConfig config(int sequence) {
    return HrmConfig.parse(
        """
        {"seq_len": %d, "vocab_size": 11, "num_puzzle_identifiers": 1, "hidden_size": 512,
         "num_heads": 8, "expansion": 4, "H_layers": 4, "L_layers": 4, "H_cycles": 2,
         "L_cycles": 2, "pos_encodings": "rope", "halt_max_steps": 16}
        """
            .formatted(sequence - 1));
  }
}
