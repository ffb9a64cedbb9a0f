package hrm.model.learn;

import hrm.model.optim.Optimizer;
import java.util.Arrays;
import java.util.List;

/** What the values of {@link TrainSettings} may be. */
final class TrainChecks {
  private TrainChecks() {}

  /**
   * @throws IllegalArgumentException naming the first key at fault, its value and what it may be
   */
  static void check(TrainSettings s) {
    atLeast(0, "examples", s.examples);
    atLeast(1, "validation", s.validation);
    atLeast(0, "extra_clues", s.extra_clues);
    atLeast(0, "extra_clues_until", s.extra_clues_until);
    share("extra_clues_share", s.extra_clues_share);
    atLeast(1, "batch", s.batch);
    atLeast(1, "steps", s.steps);
    atLeast(0, "max_segments", s.max_segments);
    atLeast(1, "evaluate_every", s.evaluate_every);
    atLeast(0, "patience", s.patience);
    stretches(s);
    oneOf("save_dtype", s.save_dtype, "float32", "bfloat16");
    oneOf("optimizer", s.optimizer, (Object[]) Optimizer.Kind.values());
    require(s.lr > 0, "lr", s.lr, "above 0");
    require(s.adam_lr > 0, "adam_lr", s.adam_lr, "above 0");
    atLeast(0, "puzzle_emb_lr", s.puzzle_emb_lr);
    atLeast(0, "lr_warmup_steps", s.lr_warmup_steps);
    share("lr_min_ratio", s.lr_min_ratio);
    atLeast(0, "weight_decay", s.weight_decay);
    atLeast(0, "adam_weight_decay", s.adam_weight_decay);
    atLeast(0, "puzzle_emb_weight_decay", s.puzzle_emb_weight_decay);
    below1("beta1", s.beta1);
    below1("beta2", s.beta2);
    below1("momentum", s.momentum);
    below1("ema", s.ema);
    oneOf("loss", s.loss, "stablemax", "softmax");
    below1("label_smoothing", s.label_smoothing);
    oneOf("gradient", s.gradient, "last-cycle", "one-step");
    atLeast(0, "noise", s.noise);
  }

  /** Each ends later than the one before it, and has no more cycles than arch. */
  private static void stretches(TrainSettings s) {
    int hCycles = s.arch().hCycles();
    int lCycles = s.arch().lCycles();
    double ended = 0;
    for (int i = 0; i < s.depth_curriculum.size(); i++) {
      Schedule.Depth depth = s.depth_curriculum.get(i);
      require(
          depth != null,
          "depth_curriculum[%d]".formatted(i),
          "null",
          "an object with until, H_cycles and L_cycles");
      require(
          depth.until() > ended && depth.until() <= 1,
          "depth_curriculum[%d].until".formatted(i),
          depth.until(),
          i == 0 ? "in (0, 1]" : "in (%s, 1], after the stretch before it".formatted(ended));
      ended = depth.until();
      require(
          depth.H_cycles() >= 1
              && depth.H_cycles() <= hCycles
              && depth.L_cycles() >= 1
              && depth.L_cycles() <= lCycles,
          "depth_curriculum",
          "%d x %d cycles".formatted(depth.H_cycles(), depth.L_cycles()),
          "from 1 to arch's %d x %d".formatted(hCycles, lCycles));
    }
  }

  private static void atLeast(int least, String key, Number value) {
    require(value.doubleValue() >= least, key, value, "at least " + least);
  }

  private static void share(String key, double value) {
    require(value >= 0 && value <= 1, key, value, "in [0, 1]");
  }

  private static void below1(String key, double value) {
    require(value >= 0 && value < 1, key, value, "in [0, 1)");
  }

  private static void oneOf(String key, String value, Object... allowed) {
    List<String> texts = Arrays.stream(allowed).map(Object::toString).toList();
    require(
        value != null && texts.contains(value), key, value, "one of " + String.join(", ", texts));
  }

  private static void require(boolean ok, String key, Object value, String allowed) {
    if (!ok) {
      throw new IllegalArgumentException(
          "train.%s is %s; it must be %s".formatted(key, value, allowed));
    }
  }
}
