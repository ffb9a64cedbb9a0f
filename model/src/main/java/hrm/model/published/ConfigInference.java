package hrm.model.published;

import com.google.gson.Gson;
import hrm.model.HrmConfig;
import hrm.model.puzzle.Maze;
import hrm.model.puzzle.PuzzleKind;
import hrm.model.puzzle.PuzzleKinds;
import hrm.model.puzzle.Sudoku;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The config of a checkpoint from what the user, the config file and the shapes of its tensors say,
 * in this order. What none of them says and the reference has no default for is an error.
 */
final class ConfigInference {
  /** What the reference's TRM adds before the cells; its config may leave it out. */
  private static final int TRM_PUZZLE_EMB_LEN = 16;

  private static final List<String> KEYS =
      List.of(
          "seq_len",
          "vocab_size",
          "puzzle_emb_ndim",
          "puzzle_emb_len",
          "num_puzzle_identifiers",
          "H_cycles",
          "L_cycles",
          "H_layers",
          "L_layers",
          "hidden_size",
          "expansion",
          "num_heads",
          "pos_encodings",
          "rope_theta",
          "rms_norm_eps",
          "halt_max_steps",
          "halt_exploration_prob",
          "no_ACT_continue",
          "swiglu_norm",
          "mlp_t",
          "H_mlp_t",
          "L_mlp_t",
          "puzzle");

  private final Map<String, Object> keys = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();
  private final ShapeReader shapes;
  private final ConfigFile file;

  private ConfigInference(ShapeReader shapes, ConfigFile file, ImportOptions options) {
    this.shapes = shapes;
    this.file = file;
    for (String key : KEYS) {
      Object stated = file.keys().get(key);
      Object value = options.keys().getOrDefault(key, stated);
      if (value == null) {
        continue;
      }
      if (!isSingle(value) || stated != null && !isSingle(stated)) {
        throw new IllegalArgumentException(
            "the config's %s is a list or table; it must be a single value".formatted(key));
      }
      keys.put(key, value);
      if (options.keys().containsKey(key)) {
        notes.add(
            "%s %s by option%s"
                .formatted(
                    key, value, stated == null ? "" : ", instead of the config's " + stated));
      }
    }
  }

  private static boolean isSingle(Object value) {
    return value instanceof String || value instanceof Number || value instanceof Boolean;
  }

  /** A config and how it came about, a sentence each. */
  record Inferred(HrmConfig config, List<String> notes) {}

  /**
   * @param shapes of all tensors by name
   * @throws IllegalArgumentException naming what is missing or contradictory, and the option for it
   */
  static Inferred infer(Map<String, int[]> shapes, ConfigFile file, ImportOptions options) {
    ConfigInference inference = new ConfigInference(new ShapeReader(shapes), file, options);
    inference.run();
    return new Inferred(
        HrmConfig.parse(new Gson().toJson(inference.keys)), List.copyOf(inference.notes));
  }

  private void run() {
    fill("vocab_size", shapes.vocabSize());
    fill("hidden_size", shapes.hiddenSize());
    fill("puzzle_emb_ndim", shapes.puzzleEmbNdim());
    fill("num_puzzle_identifiers", shapes.numPuzzleIdentifiers());
    fill("L_layers", shapes.layers("L_level"));
    layersOfH();
    mixing();
    boolean attention = !shapes.mixing("L_level") || !singleNet() && !shapes.mixing("H_level");
    if (!keys.containsKey("expansion")) {
      shapes
          .expansion()
          .ifPresentOrElse(e -> fill("expansion", e), () -> missing.add("expansion (--expansion)"));
    }
    if (attention && !keys.containsKey("num_heads")) {
      missing.add("num_heads (--num-heads, published: 8)");
    }
    positions(attention);
    cycles();
    sequence();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "the tensors do not tell %s; give --config all_config.yaml or these options"
              .formatted(String.join(", ", missing)));
    }
    puzzle();
  }

  private void fill(String key, Object value) {
    if (!keys.containsKey(key)) {
      keys.put(key, value);
      notes.add("%s %s from the tensors".formatted(key, value));
    }
  }

  private void assume(String key, Object value, String why) {
    if (!keys.containsKey(key)) {
      keys.put(key, value);
      notes.add("%s %s, %s".formatted(key, value, why));
    }
  }

  private boolean singleNet() {
    return keys.get("H_layers") instanceof Number n && n.intValue() == 0;
  }

  private boolean isTrm() {
    return file.name().contains("trm")
        || !file.name().contains("hrm") && shapes.layers("H_level") == 0;
  }

  private void layersOfH() {
    if (isTrm()) { // the reference's TRM ignores H_layers
      keys.put("H_layers", 0);
      notes.add("one net for both levels (TRM), as there is no H_level: H_layers 0");
      assume("no_ACT_continue", true, "TRM's default");
    } else {
      fill("H_layers", shapes.layers("H_level"));
    }
  }

  private void mixing() {
    boolean low = shapes.mixing("L_level");
    boolean high = singleNet() ? low : shapes.mixing("H_level");
    fill("mlp_t", low && high);
    if (low != high) {
      fill("H_mlp_t", high);
      fill("L_mlp_t", low);
    }
  }

  private void positions(boolean attention) {
    if (keys.containsKey("pos_encodings")) {
      return;
    }
    if (shapes.hasPositions()) {
      fill("pos_encodings", "learned");
    } else if (!attention) {
      assume("pos_encodings", "none", "as there is no attention");
    } else {
      missing.add("pos_encodings (--pos-encodings rope or none; published: rope)");
    }
  }

  private void cycles() {
    if (!keys.containsKey("H_cycles")) {
      missing.add("H_cycles (--H-cycles; published: 2 for HRM, 3 for TRM)");
    }
    if (!keys.containsKey("L_cycles")) {
      missing.add("L_cycles (--L-cycles; published: 2 for HRM, 4 or 6 for TRM)");
    }
    assume("halt_max_steps", 16, "the published default");
  }

  /** seq_len and puzzle_emb_len; the tensors tell their sum S, if anything. */
  private void sequence() {
    boolean embedded = number("puzzle_emb_ndim") > 0;
    // 0 is the reference's sign for ceil(ndim / hidden).
    boolean computed = "0".equals(String.valueOf(keys.get("puzzle_emb_len")));
    if (!embedded || computed) {
      keys.remove("puzzle_emb_len");
    }
    Object puzzle = keys.get("puzzle");
    if (puzzle != null && !keys.containsKey("seq_len")) {
      PuzzleKind kind = kind(puzzle);
      assume("seq_len", kind.cells(), "the cells of " + kind.name());
    }
    int total = shapes.sequence();
    if (embedded && !computed && !keys.containsKey("puzzle_emb_len")) {
      if (total > 0 && keys.containsKey("seq_len")) {
        fill("puzzle_emb_len", total - number("seq_len"));
      } else if (isTrm()) {
        assume("puzzle_emb_len", TRM_PUZZLE_EMB_LEN, "TRM's default");
      }
    }
    if (keys.containsKey("seq_len")) {
      return;
    }
    if (total > 0) {
      int before =
          !embedded
              ? 0
              : keys.containsKey("puzzle_emb_len")
                  ? number("puzzle_emb_len")
                  : -Math.floorDiv(-number("puzzle_emb_ndim"), Math.max(1, number("hidden_size")));
      fill("seq_len", total - before);
    } else {
      ofData(file.data(), number("vocab_size"))
          .ifPresentOrElse(
              kind ->
                  assume(
                      "seq_len", kind.cells(), "as its data were " + StateDict.shown(file.data())),
              () -> missing.add("seq_len (--puzzle such as sudoku-9x9, or --seq-len)"));
    }
  }

  private void puzzle() {
    int vocab = number("vocab_size");
    Object named = keys.get("puzzle");
    if (named == null) {
      PuzzleKinds.ofCells(number("seq_len"))
          .filter(kind -> kind.vocabulary() == vocab)
          .ifPresent(kind -> assume("puzzle", kind.name(), "by its cells and tokens"));
      return;
    }
    PuzzleKind kind = kind(named);
    if (kind.vocabulary() != vocab || kind.cells() != number("seq_len")) {
      throw new IllegalArgumentException(
          "puzzle %s has %d cells and %d tokens, but the model has %d and %d; check --puzzle"
              .formatted(named, kind.cells(), kind.vocabulary(), number("seq_len"), vocab));
    }
  }

  /**
   * @throws IllegalArgumentException listing the known kinds
   */
  private static PuzzleKind kind(Object name) {
    return PuzzleKinds.named(name.toString())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--puzzle %s is not known; use %s, or --seq-len for another"
                        .formatted(name, PuzzleKinds.names())));
  }

  /** By the folder of the training data, such as data/sudoku-extreme-1k-aug-1000. */
  private static Optional<PuzzleKind> ofData(String data, int vocabSize) {
    return data.contains("sudoku") && vocabSize == Sudoku.SIZE_9.vocabulary()
        ? Optional.of(Sudoku.SIZE_9)
        : Optional.<PuzzleKind>of(Maze.SIZE_30)
            .filter(maze -> data.contains(maze.name()) && vocabSize == maze.vocabulary());
  }

  /** A whole number of the config, from wherever it came. */
  private int number(String key) {
    try {
      return (int) Double.parseDouble(String.valueOf(keys.get(key)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is %s; it must be a whole number".formatted(key, StateDict.shown(keys.get(key) + "")),
          e);
    }
  }
}
