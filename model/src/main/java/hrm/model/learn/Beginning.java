package hrm.model.learn;

import hrm.model.HrmConfig;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** The weights of a model that a run begins from instead of random ones. */
final class Beginning {
  private final Path model;
  private final HrmConfig arch;

  private Beginning(Path model, HrmConfig arch) {
    this.model = model;
    this.arch = arch;
  }

  /**
   * @param model a folder, or a weights file with its config.json
   * @throws IllegalArgumentException when it is not one of that arch
   */
  static Weights of(Path model, HrmConfig arch) throws IOException {
    Beginning beginning = new Beginning(model, arch);
    Path file = Files.isDirectory(model) ? model.resolve(Model.WEIGHTS_FILE) : model;
    if (Files.isRegularFile(file)) { // what is missing, loading says
      beginning.checkTensors(SafeTensors.shapes(file));
    }
    Model given = Model.load(model);
    beginning.checkConfig(given.config());
    return new Weights(arch, given.weights().tensors());
  }

  private void checkTensors(Map<String, int[]> given) {
    Map<String, int[]> asked = Weights.shapes(arch);
    given.forEach(
        (published, shape) -> {
          String name =
              published.startsWith(Weights.PREFIX)
                  ? published.substring(Weights.PREFIX.length())
                  : published;
          if (!asked.containsKey(name)) {
            throw refused("it has the tensor %s, which arch has no place for".formatted(name));
          }
          if (!Arrays.equals(shape, asked.get(name))) {
            throw refused(
                "tensor %s has shape %s, but arch asks for %s"
                    .formatted(name, Arrays.toString(shape), Arrays.toString(asked.get(name))));
          }
        });
    for (String name : asked.keySet()) {
      if (!given.containsKey(name) && !given.containsKey(Weights.PREFIX + name)) {
        throw refused("it has no tensor %s, which arch asks for".formatted(name));
      }
    }
  }

  /** What the same tensors may be used for in two ways. */
  private void checkConfig(HrmConfig given) {
    same("swiglu_norm", given.swiGluNorm(), arch.swiGluNorm());
    same("H_mlp_t", given.hMixing(), arch.hMixing());
    same("L_mlp_t", given.lMixing(), arch.lMixing());
    if (arch.usesAttention()) {
      same("num_heads", given.numHeads(), arch.numHeads());
      same("pos_encodings", given.positions(), arch.positions());
      if (arch.positions() == HrmConfig.Positions.ROPE) {
        same("rope_theta", given.ropeTheta(), arch.ropeTheta());
      }
    }
    same("puzzle_emb_len", given.puzzleEmbLen(), arch.puzzleEmbLen());
  }

  private void same(String key, Object given, Object asked) {
    if (!given.equals(asked)) {
      throw refused("its %s is %s, but arch's is %s".formatted(key, shown(given), shown(asked)));
    }
  }

  /** As a config has it. */
  private static String shown(Object value) {
    return value.toString().toLowerCase(java.util.Locale.ROOT);
  }

  private IllegalArgumentException refused(String why) {
    return new IllegalArgumentException(
        "train.weights: %s does not fit arch: %s; use the arch of its config.json"
            .formatted(model, why));
  }
}
