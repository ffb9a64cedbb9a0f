package hrm.model.published;

import hrm.model.io.ModelFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * A config as published: {@code all_config.yaml} with its part {@code arch}, or that part alone, in
 * YAML or JSON.
 *
 * @param keys of the architecture, and those of its data where the file says them
 * @param data where the training data lay, or "": a hint to the puzzle
 */
record ConfigFile(Map<String, Object> keys, String data) {
  /** Written beside every published checkpoint. */
  static final String NAME = "all_config.yaml";

  private static final int MAX_BYTES = 1 << 20;
  private static final List<String> OF_DATA =
      List.of("seq_len", "vocab_size", "num_puzzle_identifiers", "puzzle");

  static final ConfigFile NONE = new ConfigFile(Map.of(), "");

  /**
   * @throws ModelFileException naming the place that cannot be read
   */
  static ConfigFile read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new ModelFileException(file, "there is no such config file; check --config");
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new ModelFileException(
          file, "has more than %d bytes, so is no config; check --config".formatted(MAX_BYTES));
    }
    Object root;
    try {
      root =
          new Load(LoadSettings.builder().setSchema(new CoreSchema()).build())
              .loadFromString(Files.readString(file, StandardCharsets.UTF_8));
    } catch (YamlEngineException
        | StackOverflowError
        | java.nio.charset.CharacterCodingException e) {
      throw new ModelFileException(
          file,
          "is neither YAML nor JSON: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "),
          e);
    }
    if (!(root instanceof Map<?, ?> map)) {
      throw new ModelFileException(file, "is not a table of keys and values");
    }
    return of(file, map);
  }

  private static ConfigFile of(Path file, Map<?, ?> root) throws ModelFileException {
    Map<?, ?> arch = root.get("arch") instanceof Map<?, ?> part ? part : root;
    Map<String, Object> keys = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : arch.entrySet()) {
      keys.put(String.valueOf(entry.getKey()), resolve(file, arch, entry.getValue(), 0));
    }
    for (String key : OF_DATA) {
      if (!keys.containsKey(key) && root.containsKey(key)) {
        keys.put(key, root.get(key));
      }
    }
    if (!keys.containsKey("H_cycles") && !keys.containsKey("hidden_size")) {
      throw new ModelFileException(
          file,
          "has neither H_cycles nor hidden_size, nor a part 'arch' with them; name the checkpoint's"
              + " all_config.yaml or the arch part of it");
    }
    Object data = root.containsKey("data_path") ? root.get("data_path") : root.get("data_paths");
    if (data instanceof Collection<?> paths && paths.size() == 1) {
      data = paths.iterator().next();
    }
    return new ConfigFile(keys, data instanceof String path ? path : "");
  }

  /** A reference to a key beside it, as Hydra writes in arch files: ${.hidden_size}. */
  private static Object resolve(Path file, Map<?, ?> arch, Object value, int depth)
      throws ModelFileException {
    if (!(value instanceof String text) || !text.startsWith("${")) {
      return value;
    }
    String key = text.replaceAll("^\\$\\{\\.?|}$", "").replaceFirst("^arch\\.", "");
    if (depth > 4 || !arch.containsKey(key)) {
      throw new ModelFileException(
          file,
          "refers to '%s', which is not a key of the same part".formatted(StateDict.shown(text)));
    }
    return resolve(file, arch, arch.get(key), depth + 1);
  }

  /** The class that the reference builds, such as hrm.hrm_act_v1@...; "" when it is not said. */
  String name() {
    return keys.get("name") instanceof String name ? name.toLowerCase(java.util.Locale.ROOT) : "";
  }
}
