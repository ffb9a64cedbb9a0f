package hrm.cluster.models;

import com.google.gson.Gson;
import hrm.cluster.cli.Json;
import hrm.model.data.Dataset;
import hrm.model.data.Datasets;
import hrm.model.data.NpyDataset;
import hrm.model.puzzle.Example;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hrm dataset info}: sizes and duplicates of a dataset. */
@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    description = "Read a whole dataset, check it, and say what is in it.",
    footer = {"", "Example: hrm dataset info sudoku-extreme/train.csv --json"})
final class DatasetInfoCommand implements Callable<Integer> {
  @Parameters(paramLabel = "CSV|DIR", description = "A CSV file or an .npy folder.")
  Path path;

  @Option(
      names = "--split",
      defaultValue = "train",
      description = "Of a folder with several (default: ${DEFAULT-VALUE}).")
  String split;

  @Option(names = "--json", description = "One JSON object on stdout.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    Map<String, Object> facts = facts(Datasets.open(path, split));
    if (json) {
      Json.print(new Gson().toJsonTree(facts).getAsJsonObject());
    } else {
      facts.forEach((key, value) -> System.out.printf("%-20s %s%n", key, value));
    }
    return 0;
  }

  private static Map<String, Object> facts(Dataset data) {
    int[] open = new int[data.size()];
    Set<String> questions = new HashSet<>();
    for (int i = 0; i < open.length; i++) {
      Example example = data.example(i);
      int[] inputs = example.inputs();
      int[] labels = example.labels();
      open[i] = (int) IntStream.range(0, inputs.length).filter(c -> inputs[c] != labels[c]).count();
      questions.add(Arrays.toString(example.inputs()));
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("puzzles", data.size());
    facts.put("examples", data instanceof NpyDataset npy ? npy.examples() : data.size());
    facts.put("duplicate_puzzles", data.size() - questions.size());
    facts.put("seq_len", data.seqLen());
    facts.put("vocab_size", data.vocabSize());
    facts.put("puzzle_identifiers", data.identifiers());
    facts.put("open_cells_least", Arrays.stream(open).min().orElseThrow());
    facts.put("open_cells_mean", Arrays.stream(open).average().orElseThrow());
    facts.put("open_cells_most", Arrays.stream(open).max().orElseThrow());
    return facts;
  }
}
