package hrm.model;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.annotations.SerializedName;
import hrm.model.io.Sha256;

/**
 * Hyper-parameters of one model under the reference's key names (config/arch/hrm_v1.yaml and
 * dataset.json of the published code).
 *
 * <p>Symbols used in shapes all over this package: B batch, S {@link #sequence()}, D {@code
 * hidden_size}, V {@code vocab_size}.
 */
public final class HrmConfig {
  /** How a position is told from another (pos_encodings). */
  public enum Positions {
    @SerializedName("rope")
    ROPE,
    @SerializedName("learned")
    LEARNED,
    @SerializedName("none")
    NONE
  }

  // Defaults are hrm_v1.yaml's.
  private int seq_len = 81;
  private int vocab_size = 11;
  private int puzzle_emb_ndim = -1; // -1: hidden_size
  private Integer puzzle_emb_len; // null: ceil(puzzle_emb_ndim / hidden_size)
  private int num_puzzle_identifiers = 1;
  private int H_cycles = 2;
  private int L_cycles = 2;
  private int H_layers = 4;
  private int L_layers = 4;
  private int hidden_size = 512;
  private double expansion = 4;
  private int num_heads = 8;
  private Positions pos_encodings = Positions.ROPE;
  private double rope_theta = 10000;
  private double rms_norm_eps = 1e-5;
  private int halt_max_steps = 16;
  private double halt_exploration_prob = 0.1;
  private boolean no_ACT_continue = false;
  private boolean swiglu_norm = false;
  private boolean mlp_t = false;
  private Boolean H_mlp_t; // null: mlp_t
  private Boolean L_mlp_t;
  private String puzzle; // name of the puzzle kind solved, e.g. sudoku-6x6; null: not known

  private transient volatile String sha256;

  private HrmConfig() {}

  /**
   * Reads the arch part of a published config; keys that do not concern inference are ignored.
   *
   * @throws IllegalArgumentException naming the key, its value and what is allowed
   */
  public static HrmConfig parse(String json) {
    try {
      JsonObject object = JsonParser.parseString(json).getAsJsonObject();
      HrmConfig config = new Gson().fromJson(object, HrmConfig.class);
      if (config.pos_encodings == null) {
        throw new IllegalArgumentException(
            "pos_encodings is "
                + object.get("pos_encodings")
                + "; it must be \"rope\", \"learned\" or \"none\"");
      }
      config.check();
      return config;
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      throw new IllegalArgumentException(
          "the model's config is not a JSON object with hrm_v1.yaml's keys: " + e.getMessage(), e);
    }
  }

  public String toJson() {
    return new GsonBuilder().setPrettyPrinting().create().toJson(this) + "\n";
  }

  /** The digest of {@link #toJson}: the same for two files that mean the same. */
  public String sha256() {
    if (sha256 == null) {
      sha256 = Sha256.of(toJson());
    }
    return sha256;
  }

  private void check() {
    between("seq_len", seq_len, 1, 65536);
    between("vocab_size", vocab_size, 2, 1 << 20);
    between("hidden_size", hidden_size, 1, 65536);
    between("num_puzzle_identifiers", num_puzzle_identifiers, 1, Integer.MAX_VALUE);
    between("puzzle_emb_ndim", puzzle_emb_ndim, -1, 1 << 20);
    between("puzzle_emb_len", puzzle_emb_len == null ? 0 : puzzle_emb_len, 0, 4096);
    between("H_cycles", H_cycles, 1, 1024);
    between("L_cycles", L_cycles, 1, 1024);
    between("H_layers", H_layers, 0, 256);
    between("L_layers", L_layers, 1, 256);
    between("num_heads", num_heads, 1, 4096);
    between("halt_max_steps", halt_max_steps, 1, 1 << 20);
    require(expansion > 0 && expansion <= 1024, "expansion", expansion, "above 0, at most 1024");
    require(rms_norm_eps >= 0 && rms_norm_eps <= 1, "rms_norm_eps", rms_norm_eps, "in [0, 1]");
    require(
        halt_exploration_prob >= 0 && halt_exploration_prob <= 1,
        "halt_exploration_prob",
        halt_exploration_prob,
        "in [0, 1]");
    if (usesAttention() && hidden_size % num_heads != 0) {
      throw new IllegalArgumentException(
          "hidden_size %d is not a multiple of num_heads %d".formatted(hidden_size, num_heads));
    }
    if (usesAttention() && pos_encodings == Positions.ROPE && hidden_size / num_heads % 2 != 0) {
      throw new IllegalArgumentException(
          "hidden_size / num_heads is %d; rotary positions need an even head size"
              .formatted(hidden_size / num_heads));
    }
    if ((long) puzzleEmbNdim() > (long) puzzleEmbLen() * hidden_size) {
      throw new IllegalArgumentException(
          "puzzle_emb_ndim %d does not fit puzzle_emb_len %d x hidden_size %d"
              .formatted(puzzleEmbNdim(), puzzleEmbLen(), hidden_size));
    }
  }

  private static void between(String key, int value, int low, int high) {
    if (value < low || value > high) {
      throw new IllegalArgumentException(
          "%s is %d; it must be between %d and %d".formatted(key, value, low, high));
    }
  }

  private static void require(boolean ok, String key, double value, String allowed) {
    if (!ok) {
      throw new IllegalArgumentException("%s is %s; it must be %s".formatted(key, value, allowed));
    }
  }

  /** Whether positions are mixed by attention somewhere. */
  public boolean usesAttention() {
    return !hMixing() || !lMixing();
  }

  public int seqLen() {
    return seq_len;
  }

  public int vocabSize() {
    return vocab_size;
  }

  /** Width of a puzzle's own embedding; 0 for none. */
  public int puzzleEmbNdim() {
    return puzzle_emb_ndim < 0 ? hidden_size : puzzle_emb_ndim;
  }

  /** P: positions in front of the cells that hold the puzzle's embedding. */
  public int puzzleEmbLen() {
    return puzzle_emb_len != null && puzzleEmbNdim() > 0
        ? puzzle_emb_len
        : (puzzleEmbNdim() + hidden_size - 1) / hidden_size;
  }

  public int numPuzzleIdentifiers() {
    return num_puzzle_identifiers;
  }

  /** S: positions a module sees, the puzzle embedding's included. */
  public int sequence() {
    return seq_len + puzzleEmbLen();
  }

  public int hCycles() {
    return H_cycles;
  }

  public int lCycles() {
    return L_cycles;
  }

  public int hLayers() {
    return H_layers;
  }

  public int lLayers() {
    return L_layers;
  }

  /** Whether one net serves both levels, as in TRM: there is no H_level of its own. */
  public boolean singleNet() {
    return H_layers == 0;
  }

  public int hiddenSize() {
    return hidden_size;
  }

  public int numHeads() {
    return num_heads;
  }

  public int headDim() {
    return hidden_size / num_heads;
  }

  public Positions positions() {
    return pos_encodings;
  }

  public double ropeTheta() {
    return rope_theta;
  }

  public float rmsNormEps() {
    return (float) rms_norm_eps;
  }

  public int haltMaxSteps() {
    return halt_max_steps;
  }

  public double haltExplorationProb() {
    return halt_exploration_prob;
  }

  /** Whether the model was trained without a continue head, as TRM is. */
  public boolean noActContinue() {
    return no_ACT_continue;
  }

  /** The learned signal to stop: q_halt beats q_continue, or 0 where there is no continue head. */
  public boolean halts(float qHalt, float qContinue) {
    return qHalt > (no_ACT_continue ? 0 : qContinue);
  }

  /** Whether the H module mixes tokens by mlp_t instead of attention. */
  public boolean hMixing() {
    return H_mlp_t == null ? mlp_t : H_mlp_t;
  }

  /** Whether the L module mixes tokens by mlp_t instead of attention. */
  public boolean lMixing() {
    return L_mlp_t == null ? mlp_t : L_mlp_t;
  }

  /** Whether each SwiGLU norms its product: sigmoid(gate) rms(gate up). Not in the reference. */
  public boolean swiGluNorm() {
    return swiglu_norm;
  }

  /** Name of the puzzle kind that this model solves, or null when its config does not say. */
  public String puzzle() {
    return puzzle;
  }

  /**
   * Floating-point operations of one segment of one puzzle: matrix products only, 2 a multiply-add.
   */
  public double segmentFlop() {
    return H_cycles * (L_cycles * callFlop(false) + callFlop(true)) + headFlop();
  }

  /** Of one call of the H or the L module on one puzzle, counted like {@link #segmentFlop}. */
  double callFlop(boolean high) {
    return high && !singleNet() ? H_layers * blockFlop(hMixing()) : L_layers * blockFlop(lMixing());
  }

  /** Of lm_head and q_head on one puzzle. */
  double headFlop() {
    return 2.0 * sequence() * hidden_size * vocab_size + 2.0 * hidden_size * 2;
  }

  private double blockFlop(boolean mixing) {
    double s = sequence();
    double d = hidden_size;
    double mlp = 3 * d * inter(hidden_size) * s;
    return 2 * (mixing ? mlp + 3 * s * inter(sequence()) * d : mlp + 4 * d * d * s + 2 * s * s * d);
  }

  /** Inner width of a SwiGLU over {@code width}: 2/3 of the expansion, rounded up to 256. */
  public int inter(int width) {
    return (int) ((Math.rint(expansion * width * 2 / 3) + 255) / 256) * 256;
  }
}
