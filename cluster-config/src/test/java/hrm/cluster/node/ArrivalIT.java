package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.Config;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Eventually;
import hrm.cluster.cli.Home;
import hrm.cluster.local.Ports;
import hrm.cluster.local.TinyFleet;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ArrivalIT {
  @AfterEach
  void forget() {
    System.clearProperty("hrm.home");
  }

  /** No broker ever comes: the node waits for one as long as it lives, and no longer. */
  @Test
  void nodeThatEndsWhileItWaitsForKafka_isNotWaitedFor() throws Exception {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
    Config config =
        new ConfigOptions()
            .load(
                Map.of(
                    "hrm.node.roles",
                    "gateway", // no device to wait for
                    "hrm.kafka.bootstrap",
                    "127.0.0.1:" + Ports.pair(),
                    "hrm.model.path",
                    TinyFleet.model().toString(),
                    "hrm.http.port",
                    "0"));
    Node node = new Node(config);
    FutureTask<String> served = new FutureTask<>(() -> node.serve(Home.get()));
    Thread serving = new Thread(served, "serve");
    serving.start();
    Eventually.holds(() -> isWaiting(serving), () -> "not waiting for Kafka: " + state(serving));
    node.close();
    var failed = assertThrows(ExecutionException.class, () -> served.get(30, TimeUnit.SECONDS));
    CommandException told = (CommandException) failed.getCause();
    assertEquals("this node was told to end before it served", told.getMessage());
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("hrm-node")) {
        thread.join(20_000);
        assertFalse(thread.isAlive(), "it still waits for Kafka");
      }
    }
  }

  private static String state(Thread serving) {
    return serving.getState() + " " + Arrays.toString(serving.getStackTrace());
  }

  /** For Kafka, since there is nothing else that {@code run} itself would wait for. */
  private static boolean isWaiting(Thread serving) {
    StackTraceElement[] frames = serving.getStackTrace();
    return serving.getState() == Thread.State.WAITING
        && IntStream.range(1, frames.length)
            .anyMatch(
                i ->
                    frames[i].getClassName().equals(Arrival.class.getName())
                        && frames[i].getMethodName().equals("run")
                        && frames[i - 1].getMethodName().equals("get"));
  }
}
