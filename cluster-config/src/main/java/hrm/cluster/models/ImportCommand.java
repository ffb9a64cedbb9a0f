package hrm.cluster.models;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.cluster.cli.Json;
import hrm.model.HrmConfig;
import hrm.model.io.DType;
import hrm.model.io.ModelFileException;
import hrm.model.published.ImportOptions;
import hrm.model.published.ModelFiles;
import hrm.model.published.PublishedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hrm import}: a published PyTorch checkpoint becomes a model of this project. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Turn a PyTorch checkpoint of HRM or TRM into safetensors, config.json and a model card.",
      "Nothing in the checkpoint is run. The config is --config, or all_config.yaml beside the",
      "checkpoint; what it leaves open comes from the tensors, or from the options below."
    },
    footer = {
      "",
      "Example: hrm import step_12345 --puzzle sudoku-9x9 --out models/published-9x9",
      "Example: hrm import step_12345 --config all_config.yaml --seq-len 900 --out model.safetensors"
    })
public final class ImportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "CHECKPOINT", description = "What torch.save wrote, such as step_12345.")
  Path checkpoint;

  @Option(
      names = "--config",
      description = "all_config.yaml, or its arch part alone; YAML or JSON.")
  Path config;

  @Option(
      names = "--out",
      required = true,
      description = "A file ending in .safetensors (the rest goes beside it), or a model folder.")
  Path out;

  @Option(
      names = "--puzzle",
      description = "Kind it solves: sudoku-4x4, sudoku-6x6, sudoku-9x9, maze-30x30.")
  String puzzle;

  @Option(names = "--seq-len", description = "Cells of a puzzle, for other kinds.")
  Integer seqLen;

  @Option(names = "--raw", description = "Raw weights where there are averaged ones (EMA), too.")
  boolean raw;

  @Option(names = "--bf16", description = "Write bfloat16: half the size, 8 bits of precision.")
  boolean bf16;

  @Option(
      names = {"--H-cycles", "--h-cycles"},
      description = "H_cycles of the config.")
  Integer hCycles;

  @Option(
      names = {"--L-cycles", "--l-cycles"},
      description = "L_cycles of the config.")
  Integer lCycles;

  @Option(names = "--num-heads", description = "num_heads of the config.")
  Integer numHeads;

  @Option(names = "--pos-encodings", description = "rope, learned or none.")
  String posEncodings;

  @Option(names = "--puzzle-emb-len", description = "Positions before the cells; TRM: 16.")
  Integer puzzleEmbLen;

  @Option(names = "--expansion", description = "expansion of the config; published: 4.")
  Double expansion;

  @Option(names = "--rope-theta", description = "rope_theta of the config; published: 10000.")
  Double ropeTheta;

  @Option(names = "--halt-max-steps", description = "Segments at most; published: 16.")
  Integer haltMaxSteps;

  @Option(names = "--json", description = "One JSON object on stdout.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    ModelFiles files = ModelFiles.at(out);
    if (Files.exists(files.weights())
        && Files.exists(checkpoint)
        && Files.isSameFile(files.weights(), checkpoint)) {
      throw new ModelFileException(out, "is the checkpoint itself; name another file with --out");
    }
    PublishedModel model = PublishedModel.read(checkpoint, config, new ImportOptions(raw, keys()));
    files.write(model, bf16 ? DType.BF16 : DType.F32);
    HrmConfig c = model.weights().config();
    model.notes().forEach(System.err::println);
    if (c.puzzle() == null) {
      System.err.println(
          "the kind of puzzle is not known: hrm node serves this model by its name only");
    }
    if (json) {
      Json.print(summary(files, model));
    } else {
      System.out.printf(
          "%s: %,d parameters; %s and %s beside it%n",
          files.weights(),
          model.weights().parameters(),
          files.config().getFileName(),
          files.card().getFileName());
    }
    return 0;
  }

  private Map<String, Object> keys() {
    Map<String, Object> keys = new HashMap<>();
    keys.put("puzzle", puzzle);
    keys.put("seq_len", seqLen);
    keys.put("H_cycles", hCycles);
    keys.put("L_cycles", lCycles);
    keys.put("num_heads", numHeads);
    keys.put("pos_encodings", posEncodings);
    keys.put("puzzle_emb_len", puzzleEmbLen);
    keys.put("expansion", expansion);
    keys.put("rope_theta", ropeTheta);
    keys.put("halt_max_steps", haltMaxSteps);
    return keys;
  }

  private static JsonObject summary(ModelFiles files, PublishedModel model) {
    JsonObject json = new JsonObject();
    json.addProperty("weights", files.weights().toString());
    json.addProperty("config_file", files.config().toString());
    json.addProperty("card", files.card().toString());
    json.addProperty("parameters", model.weights().parameters());
    json.addProperty("source_sha256", model.sha256());
    json.addProperty("ema", model.ema());
    JsonArray notes = new JsonArray();
    model.notes().forEach(notes::add);
    json.add("notes", notes);
    json.add("config", JsonParser.parseString(model.weights().config().toJson()));
    return json;
  }
}
