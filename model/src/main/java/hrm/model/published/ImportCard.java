package hrm.model.published;

import hrm.model.HrmConfig;
import hrm.model.Model;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;

/** The model card of an import: where the weights are from and what was made of them. */
final class ImportCard {
  private ImportCard() {}

  static String text(ModelFiles files, PublishedModel model) {
    HrmConfig c = model.weights().config();
    Path folder = files.weights().getParent();
    boolean served = files.weights().getFileName().toString().equals(Model.WEIGHTS_FILE);
    String name = folder.getFileName() == null ? "model" : folder.getFileName().toString();
    String path = served ? name : files.weights().getFileName().toString();
    return """
        # %s

        | | |
        |---|---|
        | architecture | %s |
        | puzzle | %s |
        | parameters | %s values, float32 |
        | source | `%s`, SHA-256 `%s` |
        | weights | %s |
        | import | %s |

        How the config came about:

        %s

        The import changes no value but the type: it says nothing of how well the model solves
        puzzles. Licence and training data are its source's.

        ```
        hrm eval --weights %s --data FILE
        HRM_MODEL_PATH=%s hrm node
        ```

        Config:

        ```json
        %s```
        """
        .formatted(
            name,
            architecture(c),
            c.puzzle() == null ? "not known; `puzzle` in `config.json` names it" : c.puzzle(),
            String.format(Locale.ROOT, "%,d", model.weights().parameters()),
            StateDict.shown(model.source()).replace('`', '\''),
            model.sha256(),
            model.ema() ? "averaged in training (EMA)" : "as saved",
            ModelFiles.MARK,
            model.notes().stream().map(n -> "- " + n).collect(Collectors.joining("\n")),
            path,
            path,
            c.toJson());
  }

  private static String architecture(HrmConfig c) {
    boolean mixing = c.lMixing() && (c.singleNet() || c.hMixing());
    return "%s with %s: hidden %d, %s layers, `H_cycles` %d, `L_cycles` %d"
        .formatted(
            c.singleNet() ? "TRM" : "HRM",
            mixing
                ? "token mixing (`mlp_t`)"
                : "attention, positions " + c.positions().name().toLowerCase(Locale.ROOT),
            c.hiddenSize(),
            c.singleNet() ? c.lLayers() : c.hLayers() + " + " + c.lLayers(),
            c.hCycles(),
            c.lCycles());
  }
}
