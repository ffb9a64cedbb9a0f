package hrm.model.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class CoresTest {
  private final Cores cores = new Cores(3);

  private static void runs(Cores.Stream stream) {
    for (int n = 1; n < 2000; n = n * 3 / 2 + 1) {
      AtomicIntegerArray seen = new AtomicIntegerArray(n);
      stream.run(n, (index, scratch) -> seen.incrementAndGet(index));
      for (int i = 0; i < n; i++) {
        assertEquals(1, seen.get(i));
      }
    }
  }

  @Test
  void run_onTwoStreamsAtOnce_doesEveryIterationOnce() {
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(
            () -> {
              Cores.Stream stream = cores.open();
              for (int i = 0; i < 200; i++) {
                runs(stream);
              }
            });
    Cores.Stream stream = cores.open();
    for (int i = 0; i < 200; i++) {
      runs(stream);
    }
    other.join();
  }

  @Test
  void run_failingKernel_throwsAndThePoolGoesOn() {
    Cores.Stream stream = cores.open();
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                stream.run(
                    50,
                    (index, scratch) -> {
                      if (index == 17) {
                        throw new ArithmeticException("17");
                      }
                    }));
    assertTrue(e.getCause() instanceof ArithmeticException);
    runs(stream);
  }
}
