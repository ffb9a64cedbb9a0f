package hrm.cluster.trace.page;

import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A headless browser of this machine, with an empty profile. */
final class Chromium implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");

  private final Path profile;
  private final Process process;
  private final DevTools tools;

  Chromium(Path program) throws IOException {
    profile = Files.createTempDirectory("hrm-chromium");
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    tools = new DevTools(address());
  }

  /** The first browser on the path. */
  static Optional<Path> find() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Reads on in a thread of its own, so that the browser never waits for a full pipe. */
  private URI address() throws IOException {
    BufferedReader errors = process.errorReader(StandardCharsets.UTF_8);
    String line;
    while ((line = errors.readLine()) != null) {
      Matcher found = LISTENING.matcher(line);
      if (found.find()) {
        Thread drain = new Thread(() -> errors.lines().forEach(l -> {}), "chromium-errors");
        drain.setDaemon(true);
        drain.start();
        return URI.create(found.group(1));
      }
    }
    throw new IOException("the browser ended before it said where its DevTools listen");
  }

  /** A page with a storage of its own. */
  ChromiumPage open(String url, int width, int height, String scheme) {
    JsonObject none = new JsonObject();
    String context =
        tools.call("", "Target.createBrowserContext", none).get("browserContextId").getAsString();
    JsonObject target = new JsonObject();
    target.addProperty("url", "about:blank");
    target.addProperty("browserContextId", context);
    String id = tools.call("", "Target.createTarget", target).get("targetId").getAsString();
    JsonObject attach = new JsonObject();
    attach.addProperty("targetId", id);
    attach.addProperty("flatten", true);
    String session = tools.call("", "Target.attachToTarget", attach).get("sessionId").getAsString();
    return new ChromiumPage(tools, session, context, url, width, height, scheme);
  }

  @Override
  public void close() throws IOException {
    tools.close();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(profile)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (UncheckedIOException e) {
      // One of its processes was deleting there, too; the folder is a temporary one.
    }
  }
}
