package hrm.cluster.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder that the {@code hrm} command passes as {@code -Dhrm.home}: models and class paths lie
 * there. It is either the source tree or what the archive was unpacked to.
 */
public record Home(Path path) {
  public static Home get() {
    return new Home(Path.of(System.getProperty("hrm.home", ".")).toAbsolutePath().normalize());
  }

  public Path models() {
    return path.resolve("models");
  }

  /** Every folder under models/ that holds a config, by name. */
  public List<Path> modelFolders() {
    if (!Files.isDirectory(models())) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(models())) {
      return entries.filter(p -> Files.exists(p.resolve("config.json"))).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Settings that go over the built-in ones unless another file is named. */
  Path conf() {
    return path.resolve("conf/hrm.conf");
  }

  private boolean isUnpacked() {
    return Files.exists(path.resolve("lib/hrm.jar"));
  }

  public Path nodeJar() {
    return path.resolve(isUnpacked() ? "lib/hrm.jar" : "cluster-config/target/hrm.jar");
  }

  public Path brokerJar() {
    return path.resolve(
        isUnpacked() ? "lib/broker/hrm-broker.jar" : "gateway/broker/target/hrm-broker.jar");
  }

  /** Class path of every command but {@code broker}. */
  public String nodeClassPath() {
    return classPath(nodeJar());
  }

  /** The broker's class path is its own: nothing else carries the Kafka server. */
  public String brokerClassPath() {
    return classPath(brokerJar());
  }

  private String classPath(Path jar) {
    return jar + ":" + (isUnpacked() ? jar.getParent() : jar.resolveSibling("lib")) + "/*";
  }

  /**
   * Classes of {@link #nodeClassPath()} as this Java maps them; the launcher knows the name, too.
   */
  public Path nodeArchive() {
    return nodeJar().resolveSibling(archive());
  }

  public Path brokerArchive() {
    return brokerJar().resolveSibling(archive());
  }

  private static String archive() {
    return "classes-%d.jsa".formatted(Runtime.version().feature());
  }
}
