package hrm.cluster.local;

import hrm.cluster.Main;
import hrm.cluster.cli.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Command lines of our own programs, for running them as a {@link Child}. The first run of each
 * leaves an archive of its loaded classes (JEP 350), which halves the start of later ones; the
 * launcher deletes the archives when it builds.
 */
public final class Programs {
  /** What a person is told before the end of a first run. */
  static final String KEEPING =
      "keeping the loaded classes, with which later starts take half the time ...";

  private static final String TETHER = Tether.class.getName();

  private final Home home;
  private final boolean writing;
  private final Map<Path, Path> begun = new TreeMap<>(); // archive being written, its final name

  public Programs(Home home) {
    this(home, true);
  }

  /**
   * @param writing whether archives that are not there are written, which delays each program's end
   */
  public Programs(Home home, boolean writing) {
    this.home = home;
    this.writing = writing;
  }

  public List<String> broker(Path dir, int port) {
    List<String> command = java("-Xmx256m", "-XX:TieredStopAtLevel=1");
    command.addAll(sharing(home.brokerArchive(), home.brokerJar()));
    command.addAll(
        List.of(
            // There are two on this class path.
            "-Dlogback.configurationFile=jar:%s!/logback.xml".formatted(home.brokerJar().toUri()),
            "-cp",
            home.brokerClassPath() + ":" + home.nodeJar(),
            TETHER,
            "hrm.broker.BrokerMain",
            "--dir",
            dir.toString(),
            "--port",
            Integer.toString(port)));
    return command;
  }

  /**
   * @param settings {@code key=value} each, over every other source
   */
  public List<String> node(List<String> settings) {
    return node(List.of(), settings);
  }

  /** As {@link #node(List)}, with options of the Java machine's own. */
  public List<String> node(List<String> machine, List<String> settings) {
    return main(machine, settings, List.of("node"));
  }

  /**
   * @param arguments the command and what follows it
   */
  public List<String> main(List<String> machine, List<String> settings, List<String> arguments) {
    List<String> command = java("-Dhrm.home=" + home.path());
    command.addAll(machine);
    command.addAll(sharing(home.nodeArchive(), home.nodeJar()));
    String options = System.getenv("HRM_JAVA_OPTS");
    if (options != null && !options.isBlank()) {
      command.addAll(Arrays.asList(options.strip().split("\\s+")));
    }
    settings.forEach(setting -> command.add("-D" + setting));
    command.addAll(List.of("-cp", home.nodeClassPath(), TETHER, Main.class.getName()));
    command.addAll(arguments);
    return command;
  }

  /** Whether archives are written when the programs end, so that they should end in good order. */
  boolean isFirstRun() {
    return !begun.isEmpty();
  }

  /** Gives the archives that the ended programs have left their names. */
  void keepArchives() throws IOException {
    for (Map.Entry<Path, Path> archive : begun.entrySet()) {
      if (Files.exists(archive.getKey())) {
        Files.move(archive.getKey(), archive.getValue(), StandardCopyOption.ATOMIC_MOVE);
      }
    }
    begun.clear();
  }

  private static List<String> java(String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Serial: no other collector starts as fast, and the numbers are not on the heap.
    command.addAll(List.of("-XX:+UseSerialGC", "-Xlog:disable", "-Xlog:all=error:stderr"));
    command.addAll(Arrays.asList(options));
    return command;
  }

  /**
   * Whether this Java has the archive of its own classes that ours build on; jlink leaves it out.
   */
  private static boolean hasBase() {
    return Files.exists(Path.of(System.getProperty("java.home"), "lib/server/classes.jsa"));
  }

  /** The archive, unless its classes have changed since; Java ignores such a one. */
  private List<String> sharing(Path archive, Path jar) {
    if (archive.toFile().lastModified() > jar.toFile().lastModified()) {
      return List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + archive);
    }
    if (!writing || !hasBase() || !Files.isWritable(archive.getParent())) {
      return List.of("-Xshare:auto");
    }
    Path writing = Path.of(archive + "." + ProcessHandle.current().pid());
    begun.put(writing, archive);
    return List.of("-Xshare:auto", "-XX:ArchiveClassesAtExit=" + writing);
  }
}
