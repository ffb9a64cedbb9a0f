package hrm.cluster;

/** Why a command ends without success: one sentence for the user, and the exit code. */
final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The command line or what it points to is wrong: nothing was done. */
  static final int WRONG_INPUT = 2;

  /** The command was right and did not succeed. */
  static final int FAILED = 1;

  private final int exitCode;

  private CommandException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  static CommandException wrongInput(String message) {
    return new CommandException(WRONG_INPUT, message, null);
  }

  static CommandException failed(String message) {
    return new CommandException(FAILED, message, null);
  }

  static CommandException failed(String message, Throwable cause) {
    return new CommandException(FAILED, message, cause);
  }

  int exitCode() {
    return exitCode;
  }
}
