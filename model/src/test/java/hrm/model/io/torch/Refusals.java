package hrm.model.io.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.io.ModelFileException;
import java.nio.file.Path;

/** How a checkpoint is refused. */
final class Refusals {
  private Refusals() {}

  /** One clear sentence that names the file and says what is wrong. */
  static void refuses(String what, Path file) {
    String message =
        assertThrows(
                ModelFileException.class,
                () -> {
                  try (TorchCheckpoint torch = TorchCheckpoint.open(file)) {
                    for (Object value : torch.root().values()) {
                      if (value instanceof TorchTensor tensor) {
                        torch.load(tensor);
                      }
                    }
                  }
                })
            .getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    assertTrue(message.contains(what), message);
    assertEquals(1, message.lines().count(), message);
  }
}
