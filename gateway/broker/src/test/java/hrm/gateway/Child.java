package hrm.gateway;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/** A JVM of its own with this one's class path, so that it can be killed. */
final class Child implements AutoCloseable {
  private final Process process;
  private final AtomicReference<String> lastLine = new AtomicReference<>("");
  private final Object line = new Object();

  /**
   * @param options of the JVM, {@code -Dkey=value}
   * @param log takes the standard error, appended
   */
  static Child start(Path log, List<String> options, Class<?> main, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    try {
      var builder = new ProcessBuilder(command);
      builder.redirectError(ProcessBuilder.Redirect.appendTo(new File(log.toString())));
      return new Child(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Child(Process process) {
    this.process = process;
    var reader = new Thread(this::read, "child-" + process.pid());
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String text = out.readLine(); text != null; text = out.readLine()) {
        synchronized (line) {
          lastLine.set(text);
          line.notifyAll();
        }
      }
    } catch (IOException e) {
      lastLine.set(e.toString());
    }
  }

  /** Waits for a line of standard output; at most a minute. */
  String await(Predicate<String> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    synchronized (line) {
      while (!wanted.test(lastLine.get())) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("still at: " + lastLine.get());
        }
        line.wait(1_000);
      }
      return lastLine.get();
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  void say(String text) throws IOException {
    process.getOutputStream().write((text + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Sends STOP or CONT. */
  void signal(String name) throws IOException, InterruptedException {
    int code =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (code != 0) {
      throw new AssertionError("kill -" + name + " answered " + code);
    }
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** SIGTERM; returns the exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("does not stop; last said: " + lastLine.get());
    }
    return process.exitValue();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    kill();
  }
}
