package hrm.cluster.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Timestamp;
import hrm.proto.PuzzleResult;
import org.junit.jupiter.api.Test;

class FinishesTest {
  private final Finishes finishes = new Finishes();

  private void add(long millis, String node) {
    finishes.add(
        PuzzleResult.newBuilder()
            .setNode(node)
            .setFinishedAt(
                Timestamp.newBuilder()
                    .setSeconds(1_700_000_000 + millis / 1000)
                    .setNanos((int) (millis % 1000) * 1_000_000))
            .build());
  }

  @Test
  void perSecond_batchesThatFinishTogether_isNotTheCutOfOne() {
    for (int i = 0; i < 320; i++) {
      add(i / 16 * 1000L, "a"); // 16 at once, every second
    }
    for (int first : new int[] {32, 39, 47}) {
      assertEquals(16, finishes.perSecond(first, 24), 0.3);
    }
  }

  @Test
  void perSecond_leavesOutRampUpAndTail() {
    for (int i = 0; i < 20; i++) {
      add(i * 500L, "a"); // two a second
    }
    for (int i = 1; i <= 200; i++) {
      add(9_500 + i * 100L, "a"); // ten a second
    }
    assertEquals(10, finishes.perSecond(20, 0), 1e-3);
  }

  @Test
  void shares_areOfTheNodesThatHadFewestAndMost() {
    add(0, "a");
    add(1, "a");
    add(2, "a");
    add(3, "b");
    assertEquals(0.25, finishes.leastShare());
    assertEquals(0.75, finishes.mostShare());
  }
}
