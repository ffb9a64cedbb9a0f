package hrm.cluster.node;

import hrm.cluster.cli.CommandException;
import hrm.cluster.settings.NodeSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A node's name: as configured, or the host's name and the first number that no living node of this
 * machine has. A restarted node gets its old name back, since a lock dies with its process; two
 * nodes with one name would fence each other's transactions.
 */
public final class NodeName implements AutoCloseable {
  private static final int MOST = 1000;

  private final String name;
  private final FileLock lock; // null: the name is configured

  private NodeName(String name, FileLock lock) {
    this.name = name;
    this.lock = lock;
  }

  public static NodeName of(NodeSettings settings) throws IOException {
    if (!settings.name().isEmpty()) {
      return new NodeName(settings.name(), null);
    }
    String host = host();
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    for (int number = 1; number <= MOST; number++) {
      FileLock lock = lock(folder.resolve("hrm-node-%s-%d.lock".formatted(host, number)));
      if (lock != null) {
        return new NodeName(host + "-" + number, lock);
      }
    }
    throw CommandException.failed(
        "no node name is free in %s; set hrm.node.name (HRM_NODE_NAME)".formatted(folder));
  }

  /** The lock, or null when another node has it: of this process, another one, or another user. */
  private static FileLock lock(Path file) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (AccessDeniedException e) {
      return null;
    }
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Another node of this process has it.
    }
    if (lock == null) {
      channel.close();
    }
    return lock;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^a-zA-Z0-9._-]", "-");
    } catch (UnknownHostException e) {
      return "node";
    }
  }

  @Override
  public void close() throws IOException {
    if (lock != null) {
      lock.channel().close();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
