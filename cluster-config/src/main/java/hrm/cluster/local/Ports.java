package hrm.cluster.local;

import hrm.cluster.cli.CommandException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Ports of loopback that nobody listens on. */
public final class Ports {
  private Ports() {}

  /** One that is free, as is the one after it: a broker's. */
  public static int pair() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int attempt = 0; attempt < 100; attempt++) {
      try (ServerSocket first = new ServerSocket(0, 1, loopback);
          ServerSocket second = new ServerSocket(first.getLocalPort() + 1, 1, loopback)) {
        return second.getLocalPort() - 1;
      } catch (IOException | IllegalArgumentException e) {
        // The next one is taken, or there is none: try elsewhere.
      }
    }
    throw CommandException.failed("no two free ports were found on loopback; give --port");
  }

  /** Some that are free together, the lowest first. */
  static List<Integer> free(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).sorted().toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }
}
