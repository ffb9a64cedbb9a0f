package hrm.model.learn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Whether a run may go on from its folder with these settings. Rates, regularisation, steps and
 * curricula may change between two sittings; what it learns, and by which rule, may not.
 */
final class SameRun {
  private final Path file;
  private final TrainSettings before; // null: the folder does not say
  private final TrainSettings now;

  SameRun(Path folder, TrainSettings now) throws IOException {
    this.file = folder.resolve(Checkpoint.SETTINGS_FILE);
    this.now = now;
    this.before =
        Checkpoint.exists(folder) && Files.exists(file)
            ? TrainSettings.parse(Files.readString(file))
            : null;
  }

  /**
   * What the settings alone tell; before puzzles are made.
   *
   * @throws IllegalArgumentException naming the key, both values and the remedy
   */
  void checkSettings() {
    if (before == null) {
      return;
    }
    if (!before.arch().toJson().equals(now.arch().toJson())) {
      throw new IllegalArgumentException(
          "%s was made with another arch; train with that config or into another folder"
              .formatted(file));
    }
    Map<String, Object> values = values(now);
    values(before).forEach((key, value) -> same(key, value, values.get(key)));
    if ((before.data == null) != (now.data == null)) {
      same("data", before.data, now.data);
    }
  }

  private static Map<String, Object> values(TrainSettings s) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("optimizer", s.optimizer);
    values.put("loss", s.loss);
    values.put("gradient", s.gradient);
    values.put("seed", s.seed);
    values.put("batch", s.batch);
    return values;
  }

  private void same(String key, Object then, Object value) {
    if (!Objects.equals(then, value)) {
      throw new IllegalArgumentException(
          "train.%s is %s, but the run in %s was begun with %s; go on with that, or train into another folder"
              .formatted(key, value, file.getParent(), then));
    }
  }

  /**
   * What the validation puzzles tell. The same ones under another path are the same data.
   *
   * @param then their digest in the checkpoint; null in one of a version that kept none
   * @return whether scores from before are still those of these puzzles
   * @throws IllegalArgumentException when the data are others
   */
  boolean isJudgedAlike(String then, String digest) {
    if (digest.equals(then)) {
      return true;
    }
    if (before != null && now.data != null && !path(before.data).equals(path(now.data))) {
      same("data", before.data, now.data);
    }
    // Without a digest: puzzles that are made come of another seed than they did then.
    return then == null && now.data != null;
  }

  private static Path path(String data) {
    return Path.of(data).toAbsolutePath().normalize();
  }
}
