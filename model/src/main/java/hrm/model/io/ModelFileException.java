package hrm.model.io;

import java.io.IOException;

/** A model file that cannot be used; says which file, which tensor, what is wrong, what to do. */
public final class ModelFileException extends IOException {
  private static final long serialVersionUID = 1L;

  public ModelFileException(String message) {
    super(message);
  }

  public ModelFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
