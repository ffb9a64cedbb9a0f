package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Two nodes of one name. */
final class RivalsTest {
  private final AtomicLong clock = new AtomicLong();

  /** How often it is fenced, if that happens again and again, until it is sure; 100: never. */
  private int fences(Duration every) {
    Rivals rivals = new Rivals(Duration.ofSeconds(10), clock::get);
    int count = 1;
    while (!rivals.fenced() && count < 100) {
      clock.addAndGet(every.toNanos());
      count++;
    }
    return count;
  }

  @Test
  void fenced_moreOftenThanTransactionsTimeOut_isByAnother() {
    assertEquals(5, fences(Duration.ofSeconds(4)));
    assertEquals(100, fences(Duration.ofSeconds(10)), "transactions that are ended for their age");
  }

  @Test
  void jobSource_fencedAgainAndAgain_givesUp() throws Exception {
    OfflineClients clients = OfflineClients.with();
    clients.fenced = true;
    CountDownLatch givenUp = new CountDownLatch(1);
    Solver solver = new PlayedSolver(1, (job, attempt) -> new CompletableFuture<>());
    try (var source = new JobSource(clients.settings, solver, "n", clients, givenUp::countDown)) {
      source.start();
      assertTrue(givenUp.await(30, TimeUnit.SECONDS));
      assertEquals(5, source.stats().aborted());
      assertFalse(source.stats().joined());
    }
  }
}
