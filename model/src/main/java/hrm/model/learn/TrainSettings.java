package hrm.model.learn;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import hrm.model.HrmConfig;
import hrm.model.Loss;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * How one model is trained, as its JSON file says: {@code arch} with the reference's keys, and
 * {@code train} with the keys of this class.
 */
public final class TrainSettings {
  private transient HrmConfig arch;

  int batch = 64;
  int steps = 1000; // optimizer steps in all
  double lr = 1e-3;
  double puzzle_emb_lr = 1e-2;
  int lr_warmup_steps = 200;
  double lr_min_ratio = 1; // the cosine's end, as a share of lr; 1: constant
  double weight_decay = 0.1;
  double puzzle_emb_weight_decay = 0.1;
  double beta1 = 0.9;
  double beta2 = 0.95;
  double ema = 0.999; // 0: none
  String loss = "stablemax"; // or softmax
  String gradient = "last-cycle"; // TRM's; one-step: HRM's
  int examples = 20000; // size of the pool of training puzzles
  int extra_clues = 0; // a puzzle gets up to so many cells of its solution at first
  int extra_clues_until = 0; // step at which extra clues have shrunk to none
  double extra_clues_share = 1; // share of examples that get any
  int max_segments = 0; // a row starts over after so many segments; 0: arch.halt_max_steps
  int held_out = 1000;
  long seed = 0;

  private TrainSettings() {}

  /**
   * @throws IllegalArgumentException naming the key at fault
   */
  public static TrainSettings parse(String json) {
    try {
      JsonObject object = JsonParser.parseString(json).getAsJsonObject();
      TrainSettings settings =
          new Gson().fromJson(object.getAsJsonObject("train"), TrainSettings.class);
      if (settings == null || !object.has("arch")) {
        throw new IllegalArgumentException(
            "the training config needs an object \"arch\" and an object \"train\"");
      }
      settings.arch = HrmConfig.parse(object.get("arch").toString());
      settings.check();
      return settings;
    } catch (JsonParseException | IllegalStateException e) {
      throw new IllegalArgumentException(
          "the training config is not JSON as expected: " + e.getMessage(), e);
    }
  }

  /** The settings that made a bundled model. */
  public static TrainSettings preset(String set) throws IOException {
    try (InputStream in = TrainSettings.class.getResourceAsStream("/hrm/train/" + set + ".json")) {
      if (in == null) {
        throw new IllegalArgumentException(
            "there is no training preset for set '%s'; use sudoku-4x4, sudoku-6x6 or --config F"
                .formatted(set));
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private void check() {
    require(batch >= 1, "batch", batch, "at least 1");
    require(steps >= 1, "steps", steps, "at least 1");
    require(lr > 0, "lr", lr, "above 0");
    require(ema >= 0 && ema < 1, "ema", ema, "in [0, 1)");
    require(examples >= 1, "examples", examples, "at least 1");
    require(
        loss.equals("stablemax") || loss.equals("softmax"), "loss", loss, "stablemax or softmax");
    require(
        gradient.equals("last-cycle") || gradient.equals("one-step"),
        "gradient",
        gradient,
        "last-cycle or one-step");
  }

  private static void require(boolean ok, String key, Object value, String allowed) {
    if (!ok) {
      throw new IllegalArgumentException(
          "train.%s is %s; it must be %s".formatted(key, value, allowed));
    }
  }

  public HrmConfig arch() {
    return arch;
  }

  public int steps() {
    return steps;
  }

  public void steps(int steps) {
    this.steps = steps;
  }

  /** Linear warm-up from base/warm-up at step 1, then a cosine to its floor. */
  double rate(double base, int step) {
    if (step < lr_warmup_steps) {
      return base * step / lr_warmup_steps;
    }
    double done = (double) (step - lr_warmup_steps) / Math.max(1, steps - lr_warmup_steps);
    return base
        * (lr_min_ratio + (1 - lr_min_ratio) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done))));
  }

  int maxSegments() {
    return max_segments > 0 ? max_segments : arch.haltMaxSteps();
  }

  Loss.Type lossType() {
    return loss.equals("softmax") ? Loss.Type.SOFTMAX : Loss.Type.STABLEMAX;
  }
}
