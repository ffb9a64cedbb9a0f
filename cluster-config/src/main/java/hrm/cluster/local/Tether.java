package hrm.cluster.local;

import hrm.cluster.cli.CommandException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * Runs the main method of another class and ends the process when its stdin ends: the parent holds
 * the other end, and the system closes that however the parent dies.
 */
public final class Tether {
  private static final long PATIENCE_MILLIS = 4_000;

  private Tether() {}

  /**
   * @param args the main class, then its arguments
   */
  public static void main(String[] args) throws Throwable {
    Thread watch = new Thread(Tether::awaitEnd, "tether");
    watch.setDaemon(true);
    watch.start();
    try {
      Class.forName(args[0])
          .getMethod("main", String[].class)
          .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static void awaitEnd() {
    try {
      while (System.in.read() >= 0) {
        // Nobody writes; only the end counts.
      }
    } catch (IOException e) {
      // As good as the end.
    }
    Thread halt = new Thread(Tether::halt, "tether-halt");
    halt.setDaemon(true);
    halt.start();
    System.exit(CommandException.FAILED);
  }

  private static void halt() {
    try {
      Thread.sleep(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(CommandException.FAILED);
  }
}
