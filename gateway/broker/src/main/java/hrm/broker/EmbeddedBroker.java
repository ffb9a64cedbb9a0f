package hrm.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A real Kafka broker of one node inside this process, on loopback. What it has acknowledged is in
 * its directory and survives kill -9 of the process.
 */
public final class EmbeddedBroker implements AutoCloseable {
  static final int NODE_ID = 1;
  static final String CONTROLLER = "CONTROLLER";

  private static final long LEAST_SPACE = 64L << 20; // bytes
  private static final String META = "meta.properties";
  private static final String LOCK = "broker.lock";

  private final KafkaRaftServer server;
  private final String bootstrap;
  private final FileChannel lock;

  private EmbeddedBroker(KafkaRaftServer server, String bootstrap, FileChannel lock) {
    this.server = server;
    this.lock = lock;
    this.bootstrap = bootstrap;
  }

  /**
   * Starts on a directory, which is formatted when it is empty or absent.
   *
   * @param port of the broker; its controller takes the next one
   * @throws BrokerRefused when it cannot, with the reason
   */
  public static EmbeddedBroker start(Path dir, int port) throws BrokerRefused {
    return start(dir, port, Map.of());
  }

  /**
   * As {@link #start(Path, int)}.
   *
   * @param more of Kafka's own settings, over those of {@link BrokerProps}
   */
  public static EmbeddedBroker start(Path dir, int port, Map<String, String> more)
      throws BrokerRefused {
    if (port < 1 || port > 65_534) {
      throw new BrokerRefused("Port " + port + " is not possible: choose one from 1 to 65534.");
    }
    checkPort(port, "broker");
    checkPort(port + 1, "controller, which takes the port after the broker's");
    FileChannel lock = lock(dir);
    try {
      prepare(dir);
      var props = BrokerProps.of(dir, port);
      props.putAll(more);
      var config = KafkaConfig.fromProps(props, false);
      var server = new KafkaRaftServer(config, Time.SYSTEM);
      server.startup();
      return new EmbeddedBroker(server, "127.0.0.1:" + port, lock);
    } catch (BrokerRefused e) {
      release(lock);
      throw e;
    } catch (RuntimeException | Error e) { // Kafka's ways to say no are many
      release(lock);
      throw new BrokerRefused(
          "The broker does not start on %s: %s. Its files may be damaged or of another Kafka version: choose another --dir."
              .formatted(dir, e),
          e);
    }
  }

  private static void checkPort(int port, String user) throws BrokerRefused {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true); // as Kafka does: a port that lingers after kill -9 is free
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new BrokerRefused(
          "Port %d is taken, needed by the %s: stop what listens there or choose another --port."
              .formatted(port, user),
          e);
    }
  }

  private static void prepare(Path dir) throws BrokerRefused {
    try {
      Path probe = Files.createTempFile(dir, "probe", null);
      Files.delete(probe);
      long space = Files.getFileStore(dir).getUsableSpace();
      if (space < LEAST_SPACE) {
        throw new BrokerRefused(
            "No space left on %s: %d MiB are free, the broker needs %d MiB."
                .formatted(dir, space >> 20, LEAST_SPACE >> 20));
      }
      if (Files.exists(dir.resolve(META))) {
        checkMeta(dir);
        return;
      }
      try (var files = Files.list(dir)) {
        if (files.anyMatch(file -> !file.endsWith(LOCK))) {
          throw new BrokerRefused(
              "Directory %s has files but is not a broker's: choose an empty one with --dir."
                  .formatted(dir));
        }
      }
      format(dir);
    } catch (IOException e) {
      throw new BrokerRefused(
          "Directory %s cannot be written (%s): choose another with --dir.".formatted(dir, e), e);
    }
  }

  /**
   * Kafka's own lock comes after its metadata log is written to, which would spoil that of a broker
   * at work.
   */
  private static FileChannel lock(Path dir) throws BrokerRefused {
    try {
      Files.createDirectories(dir);
      FileChannel channel =
          FileChannel.open(dir.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isFree(channel)) {
        return channel;
      }
      release(channel);
    } catch (IOException e) {
      throw new BrokerRefused(
          "Directory %s cannot be written (%s): choose another with --dir.".formatted(dir, e), e);
    }
    throw new BrokerRefused(
        "Another broker uses %s: stop it, or choose another --dir and --port.".formatted(dir));
  }

  private static boolean isFree(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // a broker of this process
    }
  }

  private static void release(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void checkMeta(Path dir) throws IOException, BrokerRefused {
    String meta = Files.readString(dir.resolve(META), StandardCharsets.ISO_8859_1);
    if (!meta.contains("version=1") || !meta.contains("node.id=" + NODE_ID)) {
      throw new BrokerRefused(
          "Directory %s was formatted by another program or version (%s): choose another with --dir."
              .formatted(dir, META));
    }
  }

  /** The work of {@code kafka-storage.sh format}. */
  private static void format(Path dir) throws BrokerRefused {
    String path = dir.toAbsolutePath().toString();
    try {
      new Formatter()
          .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
          .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
          .setNodeId(NODE_ID)
          .setClusterId(Uuid.randomUuid().toString())
          .setControllerListenerName(CONTROLLER)
          .setMetadataLogDirectory(path)
          .addDirectory(path)
          .setReleaseVersion(MetadataVersion.latestProduction())
          .setIgnoreFormatted(false)
          .run();
    } catch (Exception e) { // declared by Kafka
      throw new BrokerRefused("Directory %s cannot be formatted: %s.".formatted(dir, e), e);
    }
  }

  /** host:port for clients. */
  public String bootstrap() {
    return bootstrap;
  }

  /** Waits until it has stopped, by {@link #close} or by itself. */
  public void awaitStop() {
    server.awaitShutdown();
  }

  /** Stops in good order and waits until it has. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
    release(lock);
  }
}
