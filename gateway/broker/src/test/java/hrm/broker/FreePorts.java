package hrm.broker;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Where a broker that is started a while later still finds nobody. */
public final class FreePorts {
  private FreePorts() {}

  /** A free port, as is the one after it; below those that outgoing connections are given. */
  public static int pair() throws IOException {
    for (int attempt = 0; attempt < 50; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
      try (var first = new ServerSocket(port);
          var second = new ServerSocket(port + 1)) {
        return first.getLocalPort();
      } catch (IOException e) {
        continue; // one of them is taken
      }
    }
    throw new IOException("no two neighbouring ports are free");
  }
}
