package hrm.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
  /** Another process holds the lock: nothing of its files may be touched. */
  @Test
  void directoryOfAnotherBroker_isLeftAlone(@TempDir Path dir) throws Exception {
    Path held = dir.resolve("broker.lock");
    try (var channel = FileChannel.open(held, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var lock = channel.lock()) {
      BrokerRefused refused =
          assertThrows(BrokerRefused.class, () -> EmbeddedBroker.start(dir, FreePorts.pair()));
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
      int port = FreePorts.pair();
      try (EmbeddedBroker broker = EmbeddedBroker.start(data, port)) {
        assertEquals("127.0.0.1:" + port, broker.bootstrap());
        assertThrows(BrokerRefused.class, () -> EmbeddedBroker.start(data, FreePorts.pair()));
      }
    }
  }
}
