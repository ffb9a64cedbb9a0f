package hrm.model.published;

import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;

/** What the shapes of a model's tensors tell of its config. */
final class ShapeReader {
  private static final int MAX_LAYERS = 256;
  private static final String TOKENS = "embed_tokens.embedding_weight";

  private final Map<String, int[]> shapes;

  /**
   * @throws IllegalArgumentException when these are not the tensors of an HRM or a TRM
   */
  ShapeReader(Map<String, int[]> shapes) {
    this.shapes = shapes;
    boolean tokens = shapes.containsKey(TOKENS);
    boolean levels = shapes.keySet().stream().anyMatch(n -> n.startsWith("L_level.layers."));
    if (!tokens && !levels) {
      throw new IllegalArgumentException(
          "is of another architecture, not an HRM or a TRM: it has neither %s nor L_level.layers, but such as %s"
              .formatted(TOKENS, shapes.keySet().stream().limit(3).map(StateDict::shown).toList()));
    }
    if (!tokens || !levels) {
      throw new IllegalArgumentException(
          "has no tensor %s, which every HRM and TRM has"
              .formatted(tokens ? "L_level.layers.0" : TOKENS));
    }
  }

  private int axis(String name, int axis) {
    int[] shape = shapes.get(name);
    if (shape.length != 2) {
      throw new IllegalArgumentException(
          "tensor %s has shape %s; it must have two axes".formatted(name, Arrays.toString(shape)));
    }
    return shape[axis];
  }

  int vocabSize() {
    return axis(TOKENS, 0);
  }

  int hiddenSize() {
    return axis(TOKENS, 1);
  }

  int numPuzzleIdentifiers() {
    return puzzles() ? axis("puzzle_emb.weights", 0) : 1;
  }

  int puzzleEmbNdim() {
    return puzzles() ? axis("puzzle_emb.weights", 1) : 0;
  }

  private boolean puzzles() {
    return shapes.containsKey("puzzle_emb.weights");
  }

  boolean hasPositions() {
    return shapes.containsKey("embed_pos.embedding_weight");
  }

  /** Layers of a level, without gaps; 0 when it has none. */
  int layers(String level) {
    int count = 0;
    while (count < MAX_LAYERS && has(level + ".layers." + count + ".")) {
      count++;
    }
    return count;
  }

  private boolean has(String prefix) {
    return shapes.keySet().stream().anyMatch(name -> name.startsWith(prefix));
  }

  boolean mixing(String level) {
    return shapes.containsKey(level + ".layers.0.mlp_t.gate_up_proj.weight");
  }

  /** S, the positions that mixing or learned positions reach; 0 when no tensor tells it. */
  int sequence() {
    if (hasPositions()) {
      return axis("embed_pos.embedding_weight", 0);
    }
    for (String level : new String[] {"L_level", "H_level"}) {
      if (mixing(level)) {
        return axis(level + ".layers.0.mlp_t.gate_up_proj.weight", 1);
      }
    }
    return 0;
  }

  /** An expansion that gives every SwiGLU its inner width: the published 4 where it does. */
  OptionalDouble expansion() {
    for (double expansion : new double[] {4, exact("mlp"), exact("mlp_t")}) {
      if (expansion > 0 && fits("mlp", expansion) && fits("mlp_t", expansion)) {
        return OptionalDouble.of(expansion);
      }
    }
    return OptionalDouble.empty();
  }

  private static String down(String part) {
    return "L_level.layers.0." + part + ".down_proj.weight";
  }

  private double exact(String part) {
    return shapes.containsKey(down(part))
        ? 1.5 * axis(down(part), 1) / Math.max(1, axis(down(part), 0))
        : 0;
  }

  /** The reference's rule: 2/3 of the expansion, rounded, then up to a multiple of 256. */
  private boolean fits(String part, double expansion) {
    return !shapes.containsKey(down(part))
        || (long) ((Math.rint(expansion * axis(down(part), 0) * 2 / 3) + 255) / 256) * 256
            == axis(down(part), 1);
  }
}
