package hrm.model.learn;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import hrm.model.HrmConfig;
import hrm.model.Learner;
import hrm.model.Loss;
import hrm.model.Weights;
import hrm.model.io.DType;
import hrm.model.optim.Optimizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * How one model is trained, as its JSON file says: {@code arch} with the reference's keys, and
 * {@code train} with the keys of this class.
 */
public final class TrainSettings {
  /** Presets that come with the program. */
  public static final List<String> PRESETS =
      List.of(
          "sudoku-4x4",
          "sudoku-6x6",
          "sudoku-9x9",
          "hrm-sudoku",
          "trm-sudoku",
          "muon-sudoku",
          "trm-maze");

  /** Keys of a published arch that concern neither the mathematics nor its sizes. */
  private static final List<String> PUBLISHED =
      List.of("name", "loss", "forward_dtype", "batch_size", "causal");

  private transient HrmConfig arch;

  // What to learn from
  String data; // a CSV file or an .npy folder; null: puzzles that a generator makes
  int examples = 0; // at most so many of a file, 0: all; of a generator, 0: 20,000
  int validation = 512; // puzzles kept from training to choose the best weights by: a file's last
  boolean augment = true; // a random equal of a puzzle at every draw
  int extra_clues = 0; // a puzzle gets up to so many cells of its solution at first
  int extra_clues_until = 0; // step at which extra clues have shrunk to none
  double extra_clues_share = 1; // share of examples that get any

  // What to begin from
  String weights; // a model folder; null: random values

  // How long
  int batch = 64;
  int steps = 1000; // optimizer steps in all
  int max_segments = 0; // a row starts over after so many segments; 0: arch.halt_max_steps
  int evaluate_every = 500; // steps between two evaluations on the validation set
  int patience = 0; // stop after so many evaluations without a better one; 0: never
  List<Schedule.Depth> depth_curriculum = List.of();

  String save_dtype = "float32"; // of the model's file; bfloat16: half the size

  // The update
  String optimizer = "adam-atan2"; // HRM, TRM; adamw; muon: Muon for matrices, AdamW for the rest
  double lr = 1e-3;
  double adam_lr = 1e-3; // of AdamW beside Muon
  double puzzle_emb_lr = 1e-2;
  int lr_warmup_steps = 200;
  double lr_min_ratio = 1; // the cosine's end, as a share of lr; 1: constant
  double weight_decay = 0.1;
  double adam_weight_decay = 0.1; // of AdamW beside Muon
  double puzzle_emb_weight_decay = 0.1;
  double beta1 = 0.9;
  double beta2 = 0.95;
  double momentum = 0.95; // of Muon
  double ema = 0.999; // TRM; 0: none, as HRM

  // The loss
  String loss = "stablemax"; // HRM, TRM; or softmax
  double label_smoothing = 0; // 0.2 in arXiv 2601.19085
  String gradient = "last-cycle"; // TRM's; one-step: HRM's
  boolean random_states = false; // fresh rows start from normal draws (EqR, arXiv 2605.21488)
  double noise = 0; // standard deviation of what is added to the carry (EqR)
  long seed = 0;

  private TrainSettings() {}

  /**
   * @throws IllegalArgumentException naming the key at fault
   */
  public static TrainSettings parse(String json) {
    try {
      JsonObject object = JsonParser.parseString(json).getAsJsonObject();
      JsonObject train = part(object, "train");
      JsonObject arch = part(object, "arch");
      WrittenKeys.check("train", train, TrainSettings.class, List.of());
      WrittenKeys.check("arch", arch, HrmConfig.class, PUBLISHED);
      TrainSettings settings = new Gson().fromJson(train, TrainSettings.class);
      settings.arch = HrmConfig.parse(arch.toString());
      TrainChecks.check(settings);
      return settings;
    } catch (JsonParseException | IllegalStateException | ClassCastException e) {
      throw new IllegalArgumentException(
          "the training config is not JSON as expected: " + e.getMessage(), e);
    }
  }

  private static JsonObject part(JsonObject object, String name) {
    if (!object.has(name) || !object.get(name).isJsonObject()) {
      throw new IllegalArgumentException(
          "the training config needs an object \"arch\" and an object \"train\"");
    }
    return object.getAsJsonObject(name);
  }

  /** The settings that made a bundled model, or a published recipe. */
  public static TrainSettings preset(String set) throws IOException {
    try (InputStream in = TrainSettings.class.getResourceAsStream("/hrm/train/" + set + ".json")) {
      if (in == null) {
        throw new IllegalArgumentException(
            "there is no training preset '%s'; use one of %s, or --config F"
                .formatted(set, String.join(", ", PRESETS)));
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
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
    TrainChecks.check(this);
  }

  public String data() {
    return data;
  }

  public void data(String data) {
    this.data = data;
  }

  /** Begins from the values of a model folder instead of random ones. */
  public void weights(String weights) {
    this.weights = weights;
  }

  /**
   * The values before the first step.
   *
   * @throws IllegalArgumentException when the model of {@code train.weights} is of another arch
   */
  Weights begin() throws IOException {
    if (weights == null) {
      return Weights.random(arch, seed);
    }
    return Beginning.of(Path.of(weights), arch);
  }

  /** Both parts as a config file; {@link #parse} reads it back. */
  public String toJson() {
    JsonObject object = new JsonObject();
    object.add("arch", JsonParser.parseString(arch.toJson()));
    JsonElement train = new Gson().toJsonTree(this);
    object.add("train", train);
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(object)
        + "\n";
  }

  /** Learning rates and cycles by step. */
  Schedule schedule() {
    return new Schedule(
        steps,
        new Optimizer.Rates(lr, adam_lr, puzzle_emb_lr),
        lr_warmup_steps,
        lr_min_ratio,
        depth_curriculum,
        new Schedule.Depth(1, arch.hCycles(), arch.lCycles()));
  }

  DType saveDtype() {
    return save_dtype.equals("bfloat16") ? DType.BF16 : DType.F32;
  }

  int maxSegments() {
    return max_segments > 0 ? max_segments : arch.haltMaxSteps();
  }

  Learner.Options options() {
    Optimizer.Kind kind =
        Arrays.stream(Optimizer.Kind.values())
            .filter(k -> k.toString().equals(optimizer))
            .findFirst()
            .orElseThrow();
    return new Learner.Options(
        batch,
        maxSegments(),
        loss.equals("softmax") ? Loss.Type.SOFTMAX : Loss.Type.STABLEMAX,
        label_smoothing,
        gradient.equals("last-cycle"),
        new Optimizer.Options(kind, weight_decay, adam_weight_decay, beta1, beta2, momentum),
        puzzle_emb_weight_decay,
        ema,
        random_states,
        noise,
        seed);
  }
}
