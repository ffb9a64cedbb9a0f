package hrm.cluster.local;

import hrm.cluster.cli.CommandException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A program of ours in a process of its own, which says {@code ready} on stdout when it serves. It
 * ends when this process does, whatever way that goes: see {@link Tether}.
 */
public final class Child implements AutoCloseable {
  private static final int TAIL_LINES = 100;
  private static final int SHOWN_LINES = 20;
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final String name;
  private final Process process;
  private final Path log; // null: none
  private final CompletableFuture<String> ready = new CompletableFuture<>();
  private final Deque<String> tail = new ArrayDeque<>();
  private final List<Thread> readers = new ArrayList<>();
  private volatile boolean stopping;

  private Child(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  public static Child start(String name, List<String> command) throws IOException {
    return start(name, command, null);
  }

  /**
   * @param log takes all that the child says, appended; null for none
   */
  public static Child start(String name, List<String> command, Path log) throws IOException {
    return start(name, command, Map.of(), log);
  }

  /**
   * @param environment added to this process's own
   * @param log as above
   */
  public static Child start(
      String name, List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Child child = new Child(name, builder.start(), log);
    child.readers.add(child.follow("out", child.process.getInputStream(), child::onOutput));
    child.readers.add(child.follow("err", child.process.getErrorStream(), child::onError));
    child.process.onExit().thenRun(child::onExit);
    return child;
  }

  private Thread follow(String stream, InputStream from, Consumer<String> to) {
    Thread reader =
        new Thread(
            () -> {
              try (var lines =
                  new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                lines.lines().forEach(to);
              } catch (IOException | RuntimeException e) {
                // The stream ends with its process.
              }
            },
            name + "-" + stream);
    reader.setDaemon(true);
    reader.start();
    return reader;
  }

  private void onOutput(String line) {
    if (line.startsWith("ready")) {
      ready.complete(line);
    }
    onError(line);
  }

  private void onError(String line) {
    if (System.getenv("HRM_DEBUG") != null) {
      System.err.println("[" + name + "] " + line);
    }
    synchronized (tail) {
      write(line);
      tail.addLast(line);
      if (tail.size() > TAIL_LINES) {
        tail.removeFirst();
      }
    }
  }

  private void write(String line) {
    if (log != null) {
      try {
        Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void onExit() {
    ready.completeExceptionally(died());
  }

  private CommandException died() {
    awaitLastWords();
    synchronized (tail) {
      if (process.exitValue() == CommandException.WRONG_INPUT && !tail.isEmpty()) {
        return CommandException.wrongInput("the %s: %s".formatted(name, complaint()));
      }
      return CommandException.failed(
          "the %s ended with exit code %d; it said last:\n  %s"
              .formatted(
                  name,
                  process.exitValue(),
                  tail.stream()
                      .skip(Math.max(0, tail.size() - SHOWN_LINES))
                      .collect(Collectors.joining("\n  "))));
    }
  }

  /** Not for ever: a process that the child has started may hold its streams open. */
  private void awaitLastWords() {
    try {
      for (Thread reader : readers) {
        reader.join(LAST_WORDS.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the command itself said; another thread may have logged something after it. */
  private String complaint() {
    return tail.stream()
        .filter(line -> line.startsWith("hrm "))
        .reduce((first, second) -> second)
        .orElseGet(tail::getLast);
  }

  /**
   * Waits for the child's {@code ready} line.
   *
   * @throws CommandException with its last words when it ends or takes too long
   */
  public String awaitReady(Duration limit) throws InterruptedException {
    try {
      return ready.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      throw (CommandException) e.getCause();
    } catch (java.util.concurrent.TimeoutException e) {
      throw CommandException.failed(
          "the %s was not ready after %d s; run with HRM_DEBUG=1 to see what it does"
              .formatted(name, limit.toSeconds()));
    }
  }

  /**
   * @throws CommandException with its last words when the child has ended
   */
  public void check() {
    if (!stopping && !process.isAlive()) {
      throw died();
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public boolean isReady() {
    return ready.isDone() && !ready.isCompletedExceptionally();
  }

  /** What it said last; empty when it has said nothing. */
  public String lastLine() {
    synchronized (tail) {
      return tail.isEmpty() ? "" : tail.getLast();
    }
  }

  /** What it said last, in order; once it has ended, up to its end. */
  public List<String> lastLines() {
    if (!process.isAlive()) {
      awaitLastWords();
    }
    synchronized (tail) {
      return List.copyOf(tail);
    }
  }

  /**
   * @param name without SIG: STOP, CONT
   * @throws IOException when it could not be sent
   */
  public void signal(String name) throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    int code = new ProcessBuilder("kill", "-" + name, pid).start().waitFor();
    if (code != 0) {
      throw new IOException("kill -%s %s answered %d".formatted(name, pid, code));
    }
  }

  /** Empty while it runs. */
  OptionalInt exitCode() {
    return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
  }

  /** Asks the child to end in good order; does not wait. */
  void terminate() {
    stopping = true;
    process.toHandle().destroy(); // Process.destroy would close its stdin, too: see Tether
  }

  /** Asks the child to end in good order, and ends it when it does not; its exit code. */
  public int stop(Duration limit) throws InterruptedException {
    terminate();
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return process.exitValue();
  }

  /** Ends the child at once, and waits until it has ended. */
  @Override
  public void close() {
    stopping = true;
    process
        .destroyForcibly()
        .onExit()
        .orTimeout(5, TimeUnit.SECONDS)
        .exceptionally(e -> null)
        .join();
    awaitLastWords(); // whoever deletes its log next finds nobody writing there
  }
}
