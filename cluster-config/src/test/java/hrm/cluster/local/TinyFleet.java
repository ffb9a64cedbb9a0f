package hrm.cluster.local;

import hrm.cluster.chaos.Fleet;
import hrm.cluster.chaos.Fleet.Spec;
import hrm.cluster.cli.Home;
import hrm.cluster.jobs.Load;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A fleet for each test that serves the 4x4 model and starts fast, for what does not depend on
 * speed, and jobs for it; both end with the test.
 */
public final class TinyFleet implements BeforeEachCallback, AfterEachCallback {
  private Fleet fleet;
  private Load load;

  @Override
  public void beforeEach(ExtensionContext context) {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
  }

  public static Path model() {
    return Path.of("../models/sudoku-4x4").toAbsolutePath().normalize();
  }

  /**
   * A fleet, which is not started.
   *
   * @param folder for the data and logs
   * @param more settings of every node
   */
  public Fleet of(Path folder, List<Spec> specs, String... more) throws IOException {
    List<String> common =
        new ArrayList<>(List.of("hrm.model.path=" + model(), "hrm.model.threads=1"));
    common.addAll(List.of(more));
    Files.createDirectories(folder);
    // The first compiler alone: a start takes 1.7 s of a core instead of 2.9.
    fleet = new Fleet(Home.get(), folder, specs, common, List.of("-XX:TieredStopAtLevel=1"));
    return fleet;
  }

  /** Jobs of so many segments for the fleet that runs. */
  public Load load(int segments) {
    load = new Load(fleet.bootstrap(), segments);
    return load;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    System.clearProperty("hrm.home");
    if (load != null) {
      load.close();
    }
    if (fleet != null) {
      fleet.close();
    }
  }
}
