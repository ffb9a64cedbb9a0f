package hrm.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder of the {@code hrm} command, which passes it as {@code -Dhrm.home}: models and class
 * paths lie there.
 */
record Home(Path path) {
  static Home get() {
    return new Home(Path.of(System.getProperty("hrm.home", ".")).toAbsolutePath().normalize());
  }

  Path models() {
    return path.resolve("models");
  }

  /** Every folder under models/ that holds a config, by name. */
  List<Path> modelFolders() {
    if (!Files.isDirectory(models())) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(models())) {
      return entries.filter(p -> Files.exists(p.resolve("config.json"))).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path nodeJar() {
    return path.resolve("cluster-config/target/hrm.jar");
  }

  Path brokerJar() {
    return path.resolve("gateway/broker/target/hrm-broker.jar");
  }

  /** Class path of every command but {@code broker}. */
  String nodeClassPath() {
    return nodeJar() + ":" + nodeJar().resolveSibling("lib") + "/*";
  }

  /** The broker's class path is its own: nothing else carries the Kafka server. */
  String brokerClassPath() {
    return brokerJar() + ":" + brokerJar().resolveSibling("lib") + "/*";
  }

  /**
   * Classes of {@link #nodeClassPath()} as this Java maps them; the launcher knows the name, too.
   */
  Path nodeArchive() {
    return nodeJar().resolveSibling(archive());
  }

  Path brokerArchive() {
    return brokerJar().resolveSibling(archive());
  }

  private static String archive() {
    return "classes-%d.jsa".formatted(Runtime.version().feature());
  }
}
