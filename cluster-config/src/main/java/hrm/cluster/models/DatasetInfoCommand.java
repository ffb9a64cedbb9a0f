package hrm.cluster.models;

import com.google.gson.Gson;
import hrm.cluster.cli.Json;
import hrm.model.data.Dataset;
import hrm.model.data.Datasets;
import hrm.model.puzzle.Example;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
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
    Path from = Datasets.locate(path, split);
    Map<String, Object> facts = facts(from, Datasets.open(from));
    if (json) {
      Json.print(new Gson().toJsonTree(facts).getAsJsonObject());
    } else {
      facts.forEach((key, value) -> System.out.printf("%-20s %s%n", key, value));
    }
    return 0;
  }

  private static Map<String, Object> facts(Path from, Dataset data) {
    int[] open = new int[data.size()];
    DistinctRows questions = new DistinctRows(data.size());
    for (int i = 0; i < open.length; i++) {
      Example example = data.example(i);
      int[] inputs = example.inputs();
      int[] labels = example.labels();
      open[i] = (int) IntStream.range(0, inputs.length).filter(c -> inputs[c] != labels[c]).count();
      questions.add(inputs);
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("data", from.toString());
    facts.put("puzzles", data.size());
    facts.put("examples", data.eachExample().size());
    facts.put("duplicate_puzzles", data.size() - questions.count());
    facts.put("seq_len", data.seqLen());
    facts.put("vocab_size", data.vocabSize());
    facts.put("puzzle_identifiers", data.identifiers());
    facts.put("open_cells_least", Arrays.stream(open).min().orElseThrow());
    facts.put("open_cells_mean", Arrays.stream(open).average().orElseThrow());
    facts.put("open_cells_most", Arrays.stream(open).max().orElseThrow());
    return facts;
  }
}
