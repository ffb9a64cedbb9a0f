package hrm.model.data;

import com.google.gson.GsonBuilder;
import hrm.model.puzzle.Example;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/**
 * Writes a dataset in the folder format of the published builders: each puzzle a group, of itself
 * and then its augmented copies, each copy a puzzle of one example. As there, tokens are int64 when
 * there are copies and uint8 when there are none.
 */
public final class NpyWriter {
  private static final String SET = "all";

  private NpyWriter() {}

  /**
   * @param folder of the dataset; the arrays go to its subfolder {@code split}
   * @param copies of each puzzle beside itself
   * @param seed of the copies
   */
  public static void write(Dataset puzzles, Path folder, String split, int copies, long seed)
      throws IOException {
    Path into = Files.createDirectories(folder.resolve(split));
    int groups = puzzles.size();
    int each = copies + 1;
    int examples = Math.multiplyExact(groups, each);
    NpyFile.Type type = copies > 0 ? NpyFile.Type.INT64 : NpyFile.Type.UINT8;
    int n = puzzles.seqLen();
    try (OutputStream inputs = NpyFile.create(array(into, "inputs"), type, examples, n);
        OutputStream labels = NpyFile.create(array(into, "labels"), type, examples, n);
        OutputStream ids =
            NpyFile.create(array(into, "puzzle_identifiers"), NpyFile.Type.INT32, examples)) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int group = 0; group < groups; group++) {
        for (int copy = 0; copy < each; copy++) {
          Example example =
              copy == 0 ? puzzles.example(group) : puzzles.draw(group, random.split());
          put(inputs, type, n, c -> example.inputs()[c]);
          put(labels, type, n, c -> Math.max(0, example.labels()[c])); // ignored: 0
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
    metadata.sets = List.of(SET);
    String json = new GsonBuilder().setPrettyPrinting().create().toJson(metadata);
    Files.write(into.resolve(NpyDataset.METADATA_FILE), json.getBytes(StandardCharsets.UTF_8));
    Path identifiers = folder.resolve("identifiers.json");
    if (!Files.exists(identifiers)) {
      Files.write(identifiers, "[\"<blank>\"]".getBytes(StandardCharsets.UTF_8));
    }
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
