package hrm.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A node's name: as configured, or the host's name and the first number that no living node of this
 * machine has. A restarted node gets its old name back, since a lock dies with its process; two
 * nodes with one name would fence each other's transactions.
 */
final class NodeName implements AutoCloseable {
  private static final int MOST = 1000;

  private final String name;
  private final FileLock lock; // null: the name is configured

  private NodeName(String name, FileLock lock) {
    this.name = name;
    this.lock = lock;
  }

  static NodeName of(NodeSettings settings) throws IOException {
    if (!settings.name().isEmpty()) {
      return new NodeName(settings.name(), null);
    }
    String host = host();
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    for (int number = 1; number <= MOST; number++) {
      FileChannel channel =
          FileChannel.open(
              folder.resolve("hrm-node-%s-%d.lock".formatted(host, number)),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock != null) {
        return new NodeName(host + "-" + number, lock);
      }
      channel.close();
    }
    throw CommandException.failed(
        "%d nodes run on this machine already; set hrm.node.name (HRM_NODE_NAME)".formatted(MOST));
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another node of this process has it
    }
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
