package hrm.model.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are either as they were or complete: written under another name in the same folder,
 * forced to disk, then renamed. The name is the same for every try, so that a try that was killed
 * leaves at most one file, which the next one takes.
 */
public final class WholeFile {
  /** Writes all of a file. */
  public interface Content {
    void writeTo(FileChannel out) throws IOException;
  }

  private WholeFile() {}

  public static void write(Path file, String text) throws IOException {
    write(
        file,
        out -> {
          ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
          while (bytes.hasRemaining()) {
            out.write(bytes);
          }
        });
  }

  public static void write(Path file, Content content) throws IOException {
    Path target = file.toAbsolutePath();
    Path part = part(target);
    try (FileChannel out =
            FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = lock(out, file)) {
      try {
        out.truncate(0);
        content.writeTo(out);
        out.force(true);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE); // still ours: the lock is held
      } catch (IOException | RuntimeException | Error e) {
        part.toFile().delete();
        throw e;
      }
    }
  }

  static Path part(Path target) {
    return target.resolveSibling("." + target.getFileName() + ".part");
  }

  /** Null where the file system knows no locks. */
  private static FileLock lock(FileChannel out, Path file) throws IOException {
    FileLock lock;
    try {
      lock = out.tryLock();
    } catch (OverlappingFileLockException e) {
      throw new ModelFileException(file, "is being written by another thread; wait for it", e);
    } catch (IOException e) {
      return null;
    }
    if (lock == null) {
      throw new ModelFileException(file, "is being written by another process; wait for it");
    }
    return lock;
  }
}
