package hrm.model.io;

import java.io.IOException;
import java.nio.file.Path;

/** A file of weights that cannot be read or written; its message names file, place and remedy. */
public final class ModelFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /** For a message that names the file itself. */
  public ModelFileException(String message) {
    super(message);
  }

  /** The message is the file, a colon, and {@code what}: what is wrong, where, and what to do. */
  public ModelFileException(Path file, String what) {
    super(file + ": " + what);
  }

  /** As above, when another exception showed it. */
  public ModelFileException(Path file, String what, Throwable cause) {
    super(file + ": " + what, cause);
  }
}
