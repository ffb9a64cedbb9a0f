package hrm.model.data;

import hrm.model.io.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
    if (Files.isRegularFile(path)) {
      return CsvDataset.read(path);
    }
    if (Files.isRegularFile(path.resolve(NpyDataset.METADATA_FILE))) {
      return NpyDataset.read(path);
    }
    if (Files.isRegularFile(path.resolve(split).resolve(NpyDataset.METADATA_FILE))) {
      return NpyDataset.read(path.resolve(split));
    }
    throw new ModelFileException(
        path,
        Files.exists(path)
            ? "is no dataset: there is no dataset.json in it or in its folder %s; give a CSV file or an .npy folder"
                .formatted(split)
            : "does not exist; give a CSV file or an .npy folder");
  }
}
