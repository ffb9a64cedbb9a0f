package hrm.cluster.bench;

import hrm.model.HrmConfig;
import hrm.model.Model;
import hrm.model.Weights;

/** A model of 4x4 Sudokus with random weights, for measuring what is around the arithmetic. */
final class TinyModel {
  private static final String CONFIG =
      """
      {"seq_len": 16, "vocab_size": 6, "puzzle_emb_ndim": 0, "hidden_size": 32, "num_heads": 4,
       "H_layers": 1, "L_layers": 1, "H_cycles": 2, "L_cycles": 2, "puzzle": "sudoku-4x4"}
      """;

  private TinyModel() {}

  static Model get() {
    HrmConfig config = HrmConfig.parse(CONFIG);
    return new Model("tiny", config, Weights.random(config, 1), "tiny");
  }
}
