package hrm.model.published;

import hrm.model.io.ModelFileException;
import hrm.model.io.torch.TorchTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The parameters of one model by their names without what torch.compile, the loss head and wrappers
 * put before them.
 *
 * @param ema whether these are averaged copies
 * @param notes what was chosen and left out, a sentence each
 */
record StateDict(Map<String, TorchTensor> tensors, boolean ema, List<String> notes) {
  /** Keys under which training programs keep a state_dict. */
  private static final Set<String> WRAPPERS =
      Set.of("model", "state_dict", "model_state_dict", "module", "net", "params", "weights");

  /** Keys and name parts of copies by exponential moving average. */
  private static final Set<String> AVERAGES =
      Set.of(
          "ema",
          "shadow",
          "ema_shadow",
          "ema_model",
          "model_ema",
          "ema_params",
          "ema_state_dict",
          "ema_model_state_dict",
          "model_ema_state_dict");

  private static final Set<String> PREFIXES = Set.of("_orig_mod", "module", "model", "inner");

  /** Buffers that a model computes itself; some programs save them. */
  private static final List<String> DERIVED =
      List.of(
          "rotary_emb.cos_cached",
          "rotary_emb.sin_cached",
          "puzzle_emb.local_weights",
          "puzzle_emb.local_ids");

  /**
   * @param root what a checkpoint holds
   * @param raw to take the raw weights where there are averaged ones beside them
   */
  static StateDict of(Path file, Map<?, ?> root, boolean raw) throws ModelFileException {
    Collector found = new Collector(file);
    found.collect(root, false, "");
    if (found.plain.isEmpty() && found.averaged.isEmpty()) {
      throw new ModelFileException(
          file,
          "holds no tensors where a state_dict is looked for (the top, %s); its keys are %s"
              .formatted(String.join(", ", WRAPPERS.stream().sorted().toList()), some(root)));
    }
    Map<String, TorchTensor> tensors = new LinkedHashMap<>(found.plain);
    List<String> notes = found.notes();
    boolean ema = !raw && !found.averaged.isEmpty();
    if (ema) {
      tensors.putAll(found.averaged);
      List<String> rest =
          found.plain.keySet().stream().filter(n -> !found.averaged.containsKey(n)).toList();
      notes.add(
          "the file holds averaged weights (EMA): these were taken (%d tensors)%s"
              .formatted(
                  found.averaged.size(),
                  rest.isEmpty()
                      ? ""
                      : "; without an averaged copy, so taken raw: " + String.join(", ", rest)));
    } else if (raw && found.plain.isEmpty()) {
      throw new ModelFileException(
          file, "holds averaged weights (EMA) only; import it without --raw");
    } else if (raw && !found.averaged.isEmpty()) {
      notes.add("the file holds averaged weights (EMA), too: the raw ones were taken, as asked");
    }
    return new StateDict(tensors, ema, notes);
  }

  private static String some(Map<?, ?> map) {
    List<String> keys =
        map.keySet().stream().limit(8).map(key -> shown(String.valueOf(key))).toList();
    return keys + (map.size() > 8 ? " and " + (map.size() - 8) + " more" : "");
  }

  /** A name from the file as it may be printed. */
  static String shown(String name) {
    String clean = name.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() > 100 ? clean.substring(0, 97) + "..." : clean;
  }

  /** Walks a checkpoint's dictionaries; each once, so one that holds itself does no harm. */
  private static final class Collector {
    final Map<String, TorchTensor> plain = new LinkedHashMap<>();
    final Map<String, TorchTensor> averaged = new LinkedHashMap<>();
    private final Map<String, String> origins = new LinkedHashMap<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<String> derived = new ArrayList<>();
    private final List<String> ignored = new ArrayList<>();
    private final Path file;

    Collector(Path file) {
      this.file = file;
    }

    void collect(Map<?, ?> map, boolean ema, String path) throws ModelFileException {
      if (!seen.add(map) || seen.size() > 64) {
        return;
      }
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String key = String.valueOf(entry.getKey());
        if (entry.getValue() instanceof TorchTensor tensor) {
          put(path + key, key, tensor, ema);
        } else if (entry.getValue() instanceof Map<?, ?> inner
            && (WRAPPERS.contains(key) || AVERAGES.contains(key))) {
          collect(inner, ema || AVERAGES.contains(key), path + key + ": ");
        } else {
          ignored.add(shown(path + key));
        }
      }
    }

    private void put(String origin, String key, TorchTensor tensor, boolean ema)
        throws ModelFileException {
      String name = key;
      boolean copy = ema;
      for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.')) {
        String part = name.substring(0, dot);
        if (!PREFIXES.contains(part) && !AVERAGES.contains(part)) {
          break;
        }
        copy |= AVERAGES.contains(part);
        name = name.substring(dot + 1);
      }
      if (DERIVED.stream().anyMatch(name::endsWith)) {
        derived.add(shown(name));
        return;
      }
      if ((copy ? averaged : plain).put(name, tensor) != null) {
        throw new ModelFileException(
            file,
            "holds the tensor %s twice, as '%s' and as '%s'; save one state_dict alone"
                .formatted(shown(name), shown(origins.get(copy + name)), shown(origin)));
      }
      origins.put(copy + name, origin);
    }

    List<String> notes() {
      List<String> notes = new ArrayList<>();
      if (!derived.isEmpty()) {
        notes.add("left out, as the model computes them itself: " + list(derived));
      }
      if (!ignored.isEmpty()) {
        notes.add("left out, as they are no weights: " + list(ignored));
      }
      return notes;
    }

    private static String list(List<String> names) {
      return String.join(", ", names.subList(0, Math.min(8, names.size())))
          + (names.size() > 8 ? " and " + (names.size() - 8) + " more" : "");
    }
  }
}
