package hrm.cluster.cli;

import com.typesafe.config.ConfigException;
import hrm.model.io.ModelFileException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a command ends without success: one sentence for the user, and the exit code. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The command line or what it points to is wrong: nothing was done. */
  public static final int WRONG_INPUT = 2;

  /** The command was right and did not succeed. */
  public static final int FAILED = 1;

  private final int exitCode;

  private CommandException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public static CommandException wrongInput(String message) {
    return new CommandException(WRONG_INPUT, message, null);
  }

  public static CommandException failed(String message) {
    return new CommandException(FAILED, message, null);
  }

  public static CommandException failed(String message, Throwable cause) {
    return new CommandException(FAILED, message, cause);
  }

  public int exitCode() {
    return exitCode;
  }

  /** An exception as a sentence; one of no words by its kind. */
  public static String reason(Throwable e) {
    if (e instanceof FileSystemException file && file.getReason() == null) {
      return ofFile(file);
    }
    if (e.getMessage() == null || e.getMessage().isBlank()) {
      return e.getCause() == null ? e.getClass().getSimpleName() : reason(e.getCause());
    }
    boolean clear =
        e instanceof CommandException
            || e instanceof ConfigException
            || e instanceof IllegalArgumentException
            || e instanceof ModelFileException;
    return clear || !(e instanceof IOException || e instanceof Error)
        ? e.getMessage()
        : "%s: %s".formatted(e.getClass().getSimpleName(), e.getMessage());
  }

  /** Java's own message is the path alone. */
  private static String ofFile(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "%s: there is no such file or folder".formatted(e.getFile());
    }
    if (e instanceof FileAlreadyExistsException) {
      return "%s: is there already and is no folder; name another place".formatted(e.getFile());
    }
    if (e instanceof AccessDeniedException) {
      return "%s: permission denied".formatted(e.getFile());
    }
    return "%s: %s".formatted(e.getFile(), e.getClass().getSimpleName());
  }
}
