package hrm.model.data;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import hrm.model.Loss;
import hrm.model.io.ModelFileException;
import hrm.model.puzzle.Example;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * One split of a dataset as the published builders write it: {@code dataset.json} and five arrays a
 * set. Examples belong to puzzles, and puzzles (a puzzle and its augmented copies) to groups; what
 * this interface calls a puzzle is a group.
 */
public final class NpyDataset implements Dataset {
  static final String METADATA_FILE = "dataset.json";

  /** dataset.json, under its own key names. */
  static final class Metadata {
    int pad_id = 0;
    Integer ignore_label_id = 0;
    int blank_identifier_id = 0;
    int vocab_size;
    int seq_len;
    int num_puzzle_identifiers = 1;
    int total_groups;
    int total_puzzles;
    double mean_puzzle_examples = 1;
    List<String> sets = List.of();
  }

  /** The arrays of one set; its groups are numbered from {@code firstGroup}. */
  record Part(
      int firstGroup,
      NpyFile inputs,
      NpyFile labels,
      NpyFile puzzles,
      NpyFile groups,
      NpyFile identifiers) {
    int groupCount() {
      return groups.rows() - 1;
    }

    /** The first example of a group, or the end. */
    int row(int group) {
      return (int) puzzles.get((int) groups.get(group));
    }

    /** The puzzle that an example belongs to. */
    int puzzle(int row) {
      int low = 0;
      int high = identifiers.rows();
      while (high - low > 1) {
        int middle = (low + high) >>> 1;
        if (puzzles.get(middle) <= row) {
          low = middle;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }

  private final Metadata metadata;
  private final List<Part> parts;
  private final int from;
  private final int to;

  private NpyDataset(Metadata metadata, List<Part> parts, int from, int to) {
    this.metadata = metadata;
    this.parts = parts;
    this.from = from;
    this.to = to;
  }

  /**
   * @param folder that holds dataset.json
   * @throws ModelFileException naming the file and what is wrong with it
   */
  public static NpyDataset read(Path folder) throws IOException {
    Path file = folder.resolve(METADATA_FILE);
    Metadata metadata = metadata(file);
    List<Part> parts = new ArrayList<>();
    int groups = 0;
    for (String set : metadata.sets) {
      if (!set.matches("[A-Za-z0-9._-]{1,100}")) {
        throw new ModelFileException(
            file, "names a set \"%s\"; that is no file name".formatted(set));
      }
      Part part = part(folder, set, groups, metadata);
      parts.add(part);
      groups = Math.addExact(groups, part.groupCount());
    }
    if (groups == 0) {
      throw new ModelFileException(file, "names no set that holds a puzzle");
    }
    return new NpyDataset(metadata, parts, 0, groups);
  }

  private static Metadata metadata(Path file) throws IOException {
    Metadata metadata;
    try {
      metadata =
          new Gson()
              .fromJson(
                  new String(Files.readAllBytes(file), StandardCharsets.UTF_8), Metadata.class);
    } catch (JsonParseException e) {
      throw new ModelFileException(file, "is not JSON as expected: " + e.getMessage(), e);
    }
    if (metadata == null || metadata.sets == null) {
      throw new ModelFileException(file, "has no list \"sets\"");
    }
    if (metadata.seq_len < 1 || metadata.vocab_size < 2 || metadata.num_puzzle_identifiers < 1) {
      throw new ModelFileException(
          file,
          "has seq_len %d, vocab_size %d, num_puzzle_identifiers %d; the least are 1, 2 and 1"
              .formatted(metadata.seq_len, metadata.vocab_size, metadata.num_puzzle_identifiers));
    }
    return metadata;
  }

  private static Part part(Path folder, String set, int firstGroup, Metadata metadata)
      throws IOException {
    NpyFile inputs = NpyFile.open(folder.resolve(set + "__inputs.npy"), 2);
    NpyFile labels = NpyFile.open(folder.resolve(set + "__labels.npy"), 2);
    NpyFile puzzles = NpyFile.open(folder.resolve(set + "__puzzle_indices.npy"), 1);
    NpyFile groups = NpyFile.open(folder.resolve(set + "__group_indices.npy"), 1);
    NpyFile identifiers = NpyFile.open(folder.resolve(set + "__puzzle_identifiers.npy"), 1);
    for (NpyFile tokens : List.of(inputs, labels)) {
      if (tokens.columns() != metadata.seq_len || tokens.rows() != inputs.rows()) {
        throw new ModelFileException(
            tokens.file(),
            "has shape [%d, %d]; dataset.json and the inputs ask for [%d, %d]"
                .formatted(tokens.rows(), tokens.columns(), inputs.rows(), metadata.seq_len));
      }
      range(tokens, 0, metadata.vocab_size - 1);
    }
    if (puzzles.rows() != identifiers.rows() + 1) {
      throw new ModelFileException(
          puzzles.file(),
          "has %d entries for %d puzzle identifiers; there must be one more"
              .formatted(puzzles.rows(), identifiers.rows()));
    }
    ascending(puzzles, inputs.rows());
    ascending(groups, identifiers.rows());
    range(identifiers, 0, metadata.num_puzzle_identifiers - 1);
    return new Part(firstGroup, inputs, labels, puzzles, groups, identifiers);
  }

  private static void range(NpyFile array, int least, int most) throws ModelFileException {
    int n = array.elements();
    for (int i = 0; i < n; i++) {
      if (array.get(i) < least || array.get(i) > most) {
        throw new ModelFileException(
            array.file(),
            "element %d is %d; dataset.json allows %d to %d"
                .formatted(i, array.get(i), least, most));
      }
    }
  }

  /** Offsets: from 0 to the number of things, each group with one at least. */
  private static void ascending(NpyFile offsets, int things) throws ModelFileException {
    int n = offsets.rows();
    boolean good = n >= 1 && offsets.get(0) == 0 && offsets.get(n - 1) == things;
    for (int i = 1; good && i < n; i++) {
      good = offsets.get(i) > offsets.get(i - 1);
    }
    if (!good) {
      throw new ModelFileException(
          offsets.file(),
          "must rise from 0 to %d, the number of what it divides; build the dataset again"
              .formatted(things));
    }
  }

  @Override
  public int seqLen() {
    return metadata.seq_len;
  }

  @Override
  public int vocabSize() {
    return metadata.vocab_size;
  }

  @Override
  public int size() {
    return to - from;
  }

  @Override
  public int identifiers() {
    return metadata.num_puzzle_identifiers;
  }

  /** Those of which groups are made: augmented copies count. */
  int puzzles() {
    return parts.stream().mapToInt(part -> part.identifiers.rows()).sum();
  }

  /** Names of the sets; their arrays begin with them. */
  List<String> sets() {
    return metadata.sets;
  }

  @Override
  public Dataset eachExample() {
    return NpyExamples.of(this, parts, from, to);
  }

  /** The group's first example of its first puzzle. */
  @Override
  public Example example(int i) {
    Part part = part(Objects.checkIndex(i, size()) + from);
    int puzzle = (int) part.groups.get(i + from - part.firstGroup);
    return example(part, puzzle, (int) part.puzzles.get(puzzle));
  }

  /** A random example of a random puzzle of the group, as the published sampler draws. */
  @Override
  public Example draw(int i, SplittableRandom random) {
    Part part = part(Objects.checkIndex(i, size()) + from);
    int group = i + from - part.firstGroup;
    int puzzle = between(part.groups, group, random);
    return example(part, puzzle, between(part.puzzles, puzzle, random));
  }

  private static int between(NpyFile offsets, int i, SplittableRandom random) {
    return random.nextInt((int) offsets.get(i), (int) offsets.get(i + 1));
  }

  private Part part(int group) {
    for (Part part : parts) {
      if (group < part.firstGroup + part.groupCount()) {
        return part;
      }
    }
    throw new AssertionError(group);
  }

  Example example(Part part, int puzzle, int row) {
    int n = metadata.seq_len;
    int[] inputs = new int[n];
    int[] labels = new int[n];
    for (int c = 0; c < n; c++) {
      inputs[c] = (int) part.inputs.get(row * n + c);
      int label = (int) part.labels.get(row * n + c);
      labels[c] =
          metadata.ignore_label_id != null && label == metadata.ignore_label_id
              ? Loss.IGNORED
              : label;
    }
    return new Example(inputs, labels, (int) part.identifiers.get(puzzle));
  }

  @Override
  public Dataset subset(int first, int end) {
    Objects.checkFromToIndex(first, end, size());
    return new NpyDataset(metadata, parts, from + first, from + end);
  }
}
