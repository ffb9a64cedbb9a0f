package hrm.cluster;

import hrm.cluster.Fleet.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A fleet that serves the 4x4 model and starts fast, for what does not depend on speed. */
final class TinyFleet {
  private TinyFleet() {}

  static Path model() {
    return Path.of("../models/sudoku-4x4").toAbsolutePath().normalize();
  }

  /**
   * @param folder for the data and logs
   * @param more settings of every node
   */
  static Fleet of(Path folder, List<Spec> specs, String... more) throws IOException {
    List<String> common =
        new ArrayList<>(List.of("hrm.model.path=" + model(), "hrm.model.threads=1"));
    common.addAll(List.of(more));
    Files.createDirectories(folder);
    // The first compiler alone: a start takes 1.7 s of a core instead of 2.9.
    return new Fleet(Home.get(), folder, specs, common, List.of("-XX:TieredStopAtLevel=1"));
  }
}
