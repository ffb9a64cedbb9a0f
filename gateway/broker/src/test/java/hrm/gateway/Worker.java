package hrm.gateway;

import com.typesafe.config.ConfigFactory;
import hrm.proto.JobFailure.Cause;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;

/**
 * A node with a solver that only waits: arguments are its name and the longest wait in ms. A job's
 * text may say "kill", "reject" or "fail". Prints what it has committed.
 */
final class Worker implements Solver {
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger finished = new AtomicInteger();
  private final Random random;
  private final int longest;
  private final String name;
  private volatile boolean stalled;

  private Worker(String name, int longest) {
    this.name = name;
    this.longest = longest;
    random = new Random(name.hashCode());
  }

  public static void main(String[] args) throws InterruptedException {
    var settings = GatewaySettings.from(ConfigFactory.load());
    var worker = new Worker(args[0], Integer.parseInt(args[1]));
    var clients =
        Boolean.getBoolean("stall")
            ? worker.new Stalling(settings, args[0])
            : new Clients(settings, args[0]);
    var source = new JobSource(settings, worker, args[0], clients, () -> {});
    var stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  source.close();
                  stopped.countDown();
                }));
    source.start();
    while (!stopped.await(100, TimeUnit.MILLISECONDS)) {
      String mark = worker.stalled ? " stalled" : ""; // read first: what is counted then is final
      var stats = source.stats();
      System.out.println(stats.completed() + " completed, " + stats + mark);
    }
  }

  @Override
  public CompletionStage<PuzzleResult> solve(PuzzleJob job, int attempt) {
    switch (job.getText()) {
      case "kill" -> Runtime.getRuntime().halt(9);
      case "reject" -> throw new JobRejected(Cause.INVALID, "text", "No puzzle has five corners.");
      case "fail" -> throw new IllegalStateException("attempt " + attempt + " failed");
      default -> {}
    }
    var result = new CompletableFuture<PuzzleResult>();
    int wait = longest / 2 + random.nextInt(longest / 2 + 1);
    timer.schedule(
        () -> {
          finished.incrementAndGet();
          result.complete(
              PuzzleResult.newBuilder()
                  .setJobId(job.getId())
                  .setNode(name)
                  .setAttempt(attempt)
                  .setModel("waits")
                  .build());
        },
        random.nextInt(50) == 0 ? 5L * wait : wait,
        TimeUnit.MILLISECONDS);
    return result;
  }

  @Override
  public int capacity() {
    return 8;
  }

  /** Stops once between its answers and its offsets, says so, and goes on at a line of input. */
  private final class Stalling extends Clients {
    private int before;

    Stalling(GatewaySettings settings, String node) {
      super(settings, node);
    }

    @Override
    ConsumerGroupMetadata fence(Consumer<byte[], byte[]> consumer) {
      int now = finished.get();
      if (!stalled && now - before >= 3) {
        stalled = true;
        try {
          if (System.in.read() < 0) {
            throw new AssertionError("nobody says go");
          }
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
      before = now;
      return super.fence(consumer);
    }
  }
}
