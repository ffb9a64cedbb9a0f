package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random owners that die, hand over and fail to commit, against the obvious bookkeeping. */
final class OffsetLedgerModelTest {
  private final Set<Long> finished = new HashSet<>(); // committed, by the obvious bookkeeping
  private final Map<Long, Integer> attempts = new HashMap<>(); // committed
  private long committedOffset;
  private String committedText = "";

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void ledger_randomDeaths_finishesEachOffsetOnceAndCountsAttempts(long seed) {
    var random = new Random(seed);
    var log = log(random, 3_000);
    committedOffset = log.get(0);
    int lives = 0;
    while (finished.size() < log.size()) {
      live(log, random);
      assertTrue(++lives < 10_000, "no progress");
    }
    assertTrue(lives > 10, "too few deaths to show anything: " + lives);
  }

  /** Offsets with gaps, as transaction markers and compaction leave them. */
  private static List<Long> log(Random random, int size) {
    var log = new ArrayList<Long>();
    long offset = random.nextInt(1000);
    for (int i = 0; i < size; i++) {
      log.add(offset);
      offset += 1 + (random.nextInt(4) == 0 ? random.nextInt(40) : 0);
    }
    return log;
  }

  private void live(List<Long> log, Random random) {
    var ledger = new OffsetLedger(committedOffset, committedText);
    var waiting = new TreeSet<Long>();
    var inFlight = new TreeSet<Long>();
    var newlyFinished = new HashSet<Long>();
    var nowAttempts = new HashMap<>(attempts);
    int at = 0;
    while (at < log.size() && log.get(at) < committedOffset) {
      assertTrue(finished.contains(log.get(at++)), "lost below the low-water mark");
    }
    for (int turn = random.nextInt(30); turn >= 0; turn--) {
      for (int n = random.nextInt(40); n > 0 && at < log.size() && !ledger.full(); n--) {
        long offset = log.get(at++);
        assertEquals(!finished.contains(offset), ledger.see(offset), "offset " + offset);
        if (!finished.contains(offset)) {
          waiting.add(offset);
        }
      }
      for (long offset : List.copyOf(inFlight)) {
        if (random.nextInt(3) == 0) {
          inFlight.remove(offset);
          ledger.finish(offset);
          newlyFinished.add(offset);
          nowAttempts.remove(offset);
        }
      }
      for (long offset : List.copyOf(waiting)) {
        if (random.nextInt(3) > 0 && inFlight.size() < 60 && ledger.hasRoomFor(offset)) {
          waiting.remove(offset);
          inFlight.add(offset);
          int attempt = nowAttempts.merge(offset, 1, Integer::sum);
          assertEquals(attempt, ledger.dispatch(offset));
        }
      }
      boolean last = turn == 0;
      if (last && random.nextBoolean()) {
        return; // dies before the commit
      }
      if (last && random.nextBoolean()) { // leaves in good order
        for (long offset : inFlight) {
          ledger.handBack(offset);
          nowAttempts.computeIfPresent(offset, (o, n) -> n == 1 ? null : n - 1);
        }
      }
      committedOffset = ledger.lowWater();
      committedText = ledger.metadata();
      assertTrue(committedText.length() < LedgerText.MAX_CHARS);
      ledger.rebase();
      for (long offset : newlyFinished) {
        assertTrue(finished.add(offset), "finished twice: " + offset);
      }
      newlyFinished.clear();
      attempts.clear();
      attempts.putAll(nowAttempts);
    }
  }
}
