package hrm.cluster.local;

import hrm.cluster.cli.CommandException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/**
 * Ports of loopback that nobody listens on. They are chosen a while before a program that is still
 * to start listens there, so they lie below those that outgoing connections are given meanwhile
 * (Linux: net.ipv4.ip_local_port_range).
 */
public final class Ports {
  private static final int LOWEST = 10_000;
  private static final int HIGHEST = 32_000;
  private static final int ATTEMPTS = 100;

  private Ports() {}

  /** One that is free, as is the one after it: a broker's. */
  public static int pair() {
    return neighbours(2);
  }

  /** Some that are free together, the lowest first. */
  static List<Integer> free(int count) {
    int first = neighbours(count);
    return IntStream.range(first, first + count).boxed().toList();
  }

  private static int neighbours(int count) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int first = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST - count);
      if (IntStream.range(first, first + count).allMatch(Ports::isFree)) {
        return first;
      }
    }
    throw CommandException.failed("no free ports were found on loopback; give --port");
  }

  private static boolean isFree(int port) {
    try (ServerSocket ignored = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
