package hrm.model.data;

import hrm.model.io.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a path to a dataset may be, decided in one place. */
public final class Datasets {
  private Datasets() {}

  /** As {@link #open(Path, String)}; of a folder with several splits, {@code train}. */
  public static Dataset open(Path path) throws IOException {
    return open(path, "train");
  }

  /**
   * Opens a CSV file, or a folder in the published .npy format.
   *
   * @param path of a file, of a split's folder (with dataset.json), or of the folder of splits
   * @param split of the last
   * @throws ModelFileException saying what is wrong, where, and what is accepted
   */
  public static Dataset open(Path path, String split) throws IOException {
    Path found = locate(path, split);
    return Files.isRegularFile(found) ? CsvDataset.read(found) : NpyDataset.read(found);
  }

  /**
   * The file or the split's folder that a path means.
   *
   * @param splits of a folder of splits, the first of these that is there
   * @throws ModelFileException saying what is accepted
   */
  public static Path locate(Path path, String... splits) throws IOException {
    if (Files.isRegularFile(path) || isSplit(path)) {
      return path;
    }
    for (String split : splits) {
      if (isSplit(path.resolve(split))) {
        return path.resolve(split);
      }
    }
    if (!Files.exists(path)) {
      throw new ModelFileException(path, "does not exist; give a CSV file or an .npy folder");
    }
    List<Path> others = splits(path);
    throw new ModelFileException(
        path,
        "is no dataset: there is no dataset.json in it or in its folder %s; give %s"
            .formatted(
                String.join(" or ", splits),
                others.isEmpty() ? "a CSV file or an .npy folder" : "one of " + others));
  }

  private static boolean isSplit(Path folder) {
    return Files.isRegularFile(folder.resolve(NpyDataset.METADATA_FILE));
  }

  private static List<Path> splits(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of(); // a pipe, say
    }
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.filter(Datasets::isSplit).sorted().toList();
    }
  }
}
