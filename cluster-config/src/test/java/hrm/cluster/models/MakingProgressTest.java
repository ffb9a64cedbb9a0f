package hrm.cluster.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MakingProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long millis = 5;

  private MakingProgress progress(boolean terminal) {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    return new MakingProgress(out, terminal, "maze-30x30", 20_000, () -> millis * 1_000_000);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shortWork_isSilent() {
    MakingProgress progress = progress(true);
    millis += 999;
    progress.made(20_000);
    progress.end();
    assertEquals("", text());
  }

  @Test
  void longWork_isALineNowAndThen() {
    MakingProgress progress = progress(false);
    for (int second = 1; second <= 21; second++) {
      millis += 1_000;
      progress.made(500 * second);
    }
    progress.end();
    String first = "making 20,000 puzzles of maze-30x30: 500 made, 500/s, 39 s left";
    assertEquals(3, text().lines().count(), text());
    assertEquals(first, text().lines().findFirst().orElseThrow());
    assertFalse(progress.isOpen());
  }

  @Test
  void terminal_isRefreshedInPlaceAndCleared() {
    MakingProgress progress = progress(true);
    millis += 1_000;
    progress.made(500);
    assertTrue(progress.isOpen());
    progress.end();
    assertTrue(text().startsWith("\r\033[Kmaking 20,000 puzzles"), text());
    assertTrue(text().endsWith("left\r\033[K"), text());
  }
}
