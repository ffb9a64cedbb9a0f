package hrm.model.optim;

import hrm.model.Block;
import hrm.model.Kernels;
import java.util.List;
import java.util.Map;

/** Moves parameters by their gradients; keeps what it must remember on the device. */
public interface Optimizer {
  /** Which method, under the name that a training config uses. */
  enum Kind {
    /** AdamATan2 for everything, as HRM and TRM were published (imoneoi/adam-atan2). */
    ADAM_ATAN2("adam-atan2"),
    /** AdamW for everything (arXiv 1711.05101). */
    ADAMW("adamw"),
    /** Muon for the blocks' matrices (Jordan et al. 2024), AdamW for the rest. */
    MUON("muon");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * @param weightDecay of what {@code kind} itself moves; decoupled, times the learning rate
   * @param restWeightDecay of what AdamW moves beside Muon
   * @param momentum of Muon
   */
  record Options(
      Kind kind,
      double weightDecay,
      double restWeightDecay,
      double beta1,
      double beta2,
      double momentum) {}

  /**
   * Learning rates of one step.
   *
   * @param lr of what {@link Options#kind} itself moves
   * @param rest of what AdamW moves beside Muon
   * @param puzzle of the puzzle embedding, by SignSGD
   */
  record Rates(double lr, double rest, double puzzle) {}

  /**
   * One update.
   *
   * @param t counts from 1
   */
  void step(Rates rates, int t);

  /** What the next step depends on besides the parameters, by name; for a checkpoint. */
  Map<String, Block> state();

  static Optimizer of(Options o, List<Parameter> parameters, Kernels k) {
    return switch (o.kind()) {
      case ADAM_ATAN2 -> new Adam(Adam.Form.ATAN2, o.weightDecay(), o, parameters, k);
      case ADAMW -> new Adam(Adam.Form.W, o.weightDecay(), o, parameters, k);
      case MUON -> new MuonAndAdamW(o, parameters, k);
    };
  }
}
