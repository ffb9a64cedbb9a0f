package hrm.cluster.cli;

/** What a command does when its process is told to end (SIGTERM, Ctrl-C) before it is closed. */
public final class OnTermination implements AutoCloseable {
  private final Thread hook;

  /**
   * @param task runs beside the command, which goes on; the process ends after it
   */
  public OnTermination(String name, Runnable task) {
    hook = new Thread(task, name);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** From here on nothing is done. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process ends; the task runs.
    }
  }
}
