package hrm.cluster.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that a command writes when it has done its work. */
public final class OutFile {
  private OutFile() {}

  /**
   * Tries before the work whether it can be written; leaves what is there as it is.
   *
   * @throws CommandException naming option and file when it cannot
   */
  public static void check(String option, Path file) {
    try {
      boolean there = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
      if (!there) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw CommandException.wrongInput(
          "%s %s cannot be written (%s); name a file in a folder that exists"
              .formatted(option, file, e.getClass().getSimpleName()));
    }
  }
}
