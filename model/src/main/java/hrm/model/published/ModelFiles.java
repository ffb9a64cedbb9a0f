package hrm.model.published;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.io.DType;
import hrm.model.io.ModelFileException;
import hrm.model.io.SafeTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where an imported model is written: weights, config and card, side by side. */
public record ModelFiles(Path weights, Path config, Path card) {
  /** In every card of an import, so that a later one may replace it. */
  static final String MARK = "made by `hrm import`";

  /**
   * @param out a file name ending in .safetensors, or a model folder
   * @throws ModelFileException when a file there is something else that must not be replaced
   */
  public static ModelFiles at(Path out) throws IOException {
    boolean file =
        out.getFileName() != null && out.getFileName().toString().endsWith(".safetensors");
    Path weights = (file ? out : out.resolve(Model.WEIGHTS_FILE)).toAbsolutePath();
    if (Files.isDirectory(weights)) {
      throw new ModelFileException(weights, "is a folder; name another file with --out");
    }
    if (!file && Files.exists(out) && !Files.isDirectory(out)) {
      throw new ModelFileException(
          out, "is a file; --out is a model folder, or a file name ending in .safetensors");
    }
    Path config = weights.resolveSibling(Model.CONFIG_FILE);
    if (Files.exists(config) && !isModelConfig(config)) {
      throw new ModelFileException(
          config, "is not a model's config and is not replaced; name another folder with --out");
    }
    Path card = weights.resolveSibling("README.md");
    if (Files.exists(card) && !Files.readString(card, StandardCharsets.ISO_8859_1).contains(MARK)) {
      String name = weights.getFileName().toString();
      card = weights.resolveSibling(name.replace(".safetensors", "") + ".md");
    }
    return new ModelFiles(weights, config, card);
  }

  private static boolean isModelConfig(Path file) throws IOException {
    try {
      JsonElement json =
          JsonParser.parseString(Files.readString(file, StandardCharsets.ISO_8859_1));
      return json.isJsonObject() && json.getAsJsonObject().has("hidden_size");
    } catch (JsonParseException e) {
      return false;
    }
  }

  /** Writes all three; the weights under the published keys, as F32 or BF16. */
  public void write(PublishedModel model, DType dtype) throws IOException {
    Weights values = model.weights();
    try {
      Files.createDirectories(weights.getParent());
    } catch (IOException e) {
      throw new ModelFileException(
          weights.getParent(), "cannot be made a folder; name another with --out", e);
    }
    SafeTensors.write(
        weights,
        values.published(dtype),
        Map.of("source", model.source(), "source_sha256", model.sha256()));
    Files.writeString(config, values.config().toJson());
    Files.writeString(card, ImportCard.text(this, model));
  }
}
