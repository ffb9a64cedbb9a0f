package hrm.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Another process holds the lock: nothing of its files may be touched. */
  @Test
  void directoryOfAnotherBroker_isLeftAlone(@TempDir Path dir) throws Exception {
    Path held = dir.resolve("broker.lock");
    try (var channel = FileChannel.open(held, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var lock = channel.lock()) {
      BrokerRefused refused =
          assertThrows(BrokerRefused.class, () -> EmbeddedBroker.start(dir, freePort()));
      assertEquals(
          "Another broker uses %s: stop it, or choose another --dir and --port.".formatted(dir),
          refused.getMessage());
      try (var files = Files.list(dir)) {
        assertEquals(1, files.count());
      }
    }
  }

  @Test
  void directoryOfABrokerThatWasClosed_isTaken(@TempDir Path dir) throws Exception {
    Path data = dir.resolve("data");
    for (int life = 0; life < 2; life++) {
      int port = freePort();
      try (EmbeddedBroker broker = EmbeddedBroker.start(data, port)) {
        assertEquals("127.0.0.1:" + port, broker.bootstrap());
        assertThrows(BrokerRefused.class, () -> EmbeddedBroker.start(data, freePort()));
      }
    }
  }
}
