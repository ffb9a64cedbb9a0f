package hrm.model.data;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.model.io.ModelFileException;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.Sudoku;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;

/**
 * Writes a dataset in the folder format of the published builders: each puzzle a group, of itself
 * and then its augmented copies, each copy a puzzle of one example. As there, tokens are uint8, but
 * int64 in Sudoku with copies.
 */
public final class NpyWriter {
  private static final String SET = "all";
  private static final List<String> ARRAYS =
      List.of("inputs", "labels", "puzzle_indices", "group_indices", "puzzle_identifiers");
  private static final String IDENTIFIERS = "identifiers.json";

  private NpyWriter() {}

  /** Bytes of the largest array that {@link #write} makes. */
  public static double bytes(Pool puzzles, int copies) {
    return (double) type(puzzles, copies).bytes
        * puzzles.size()
        * (copies + 1.0)
        * puzzles.seqLen();
  }

  private static NpyFile.Type type(Pool puzzles, int copies) {
    return puzzles.kind() instanceof Sudoku && copies > 0 ? NpyFile.Type.INT64 : NpyFile.Type.UINT8;
  }

  /**
   * @param folder of the dataset; the arrays go to its subfolder {@code split}
   * @param copies of each puzzle beside itself
   * @param seed of the copies
   * @throws IllegalArgumentException when there are not so many different copies
   */
  public static void write(Pool puzzles, Path folder, String split, int copies, long seed)
      throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    puzzles.copies(0, copies, new SplittableRandom(seed)); // refused before anything is written
    Path into = Files.createDirectories(folder.resolve(split));
    int groups = puzzles.size();
    int each = copies + 1;
    int examples = Math.multiplyExact(groups, each);
    NpyFile.Type type = type(puzzles, copies);
    int n = puzzles.seqLen();
    try (OutputStream inputs = NpyFile.create(array(into, "inputs"), type, examples, n);
        OutputStream labels = NpyFile.create(array(into, "labels"), type, examples, n);
        OutputStream ids =
            NpyFile.create(array(into, "puzzle_identifiers"), NpyFile.Type.INT32, examples)) {
      for (int group = 0; group < groups; group++) {
        Stream<Example> original = Stream.of(puzzles.example(group));
        List<Example> images = puzzles.copies(group, copies, random);
        for (Example example : Stream.concat(original, images.stream()).toList()) {
          put(inputs, type, n, c -> example.inputs()[c]);
          put(labels, type, n, c -> example.labels()[c]);
          put(ids, NpyFile.Type.INT32, 1, c -> example.identifier());
        }
      }
    }
    offsets(array(into, "puzzle_indices"), examples, 1);
    offsets(array(into, "group_indices"), groups, each);
    NpyDataset.Metadata metadata = new NpyDataset.Metadata();
    metadata.vocab_size = puzzles.vocabSize();
    metadata.seq_len = n;
    metadata.num_puzzle_identifiers = puzzles.identifiers();
    metadata.total_groups = groups;
    metadata.total_puzzles = examples;
    metadata.sets = List.of(SET);
    json(into.resolve(NpyDataset.METADATA_FILE), metadata);
    Path identifiers = folder.resolve(IDENTIFIERS);
    if (!Files.exists(identifiers)) {
      Files.writeString(identifiers, "[\"<blank>\"]");
    }
  }

  /**
   * Copies a split as it is, each example and identifier, and adds {@code total_puzzles}, which the
   * loader of TRM asks for, where it is missing.
   *
   * @param from the split's folder
   * @param folder as of {@link #write}
   * @throws ModelFileException when it is no good, or the folder's identifiers are of others
   */
  public static void copy(Path from, Path folder, String split) throws IOException {
    NpyDataset data = NpyDataset.read(from);
    Path names = from.toAbsolutePath().resolveSibling(IDENTIFIERS);
    Path copied = folder.resolve(IDENTIFIERS);
    if (Files.exists(names) && Files.exists(copied) && Files.mismatch(names, copied) >= 0) {
      throw new ModelFileException(
          copied, "differs from %s; choose another folder".formatted(names));
    }
    Path into = Files.createDirectories(folder.resolve(split));
    for (String set : data.sets()) {
      for (String name : ARRAYS) {
        String file = set + "__" + name + ".npy";
        Files.copy(from.resolve(file), into.resolve(file));
      }
    }
    String text = Files.readString(from.resolve(NpyDataset.METADATA_FILE));
    JsonObject metadata = JsonParser.parseString(text).getAsJsonObject();
    metadata.addProperty("total_puzzles", data.puzzles());
    json(into.resolve(NpyDataset.METADATA_FILE), metadata);
    if (Files.exists(names) && !Files.exists(copied)) {
      Files.copy(names, copied);
    }
  }

  private static void json(Path file, Object metadata) throws IOException {
    String json = new GsonBuilder().setPrettyPrinting().serializeNulls().create().toJson(metadata);
    Files.writeString(file, json);
  }

  private static Path array(Path folder, String name) {
    return folder.resolve(SET + "__" + name + ".npy");
  }

  private static void offsets(Path file, int count, int step) throws IOException {
    try (OutputStream out = NpyFile.create(file, NpyFile.Type.INT32, count + 1)) {
      put(out, NpyFile.Type.INT32, count + 1, i -> i * step);
    }
  }

  private static void put(OutputStream out, NpyFile.Type type, int n, IntUnaryOperator value)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(n * type.bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < n; i++) {
      switch (type) {
        case INT64 -> bytes.putLong(value.applyAsInt(i));
        case INT32 -> bytes.putInt(value.applyAsInt(i));
        case UINT8 -> bytes.put((byte) value.applyAsInt(i));
      }
    }
    out.write(bytes.array());
  }
}
