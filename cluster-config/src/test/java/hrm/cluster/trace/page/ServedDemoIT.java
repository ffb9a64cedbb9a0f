package hrm.cluster.trace.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.cluster.cli.Eventually;
import hrm.cluster.cli.Home;
import hrm.cluster.local.Programs;
import hrm.cluster.local.Tether;
import hrm.model.Fingerprint;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code hrm demo --serve} as a person meets it: a real node's page in a browser. */
@Timeout(180)
@Tag("alone")
class ServedDemoIT extends InBrowser {
  private static final int JOBS = 12;
  private static final Duration START = Duration.ofSeconds(120);
  private static final Pattern PAGE = Pattern.compile("traces: (http://\\S+/) ");

  private final HttpClient client = HttpClient.newHttpClient();
  @TempDir Path folder;
  private Process demo;
  private String page;

  @BeforeEach
  void startDemo() throws Exception {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
    List<String> command =
        new ArrayList<>(
            new Programs(Home.get(), false)
                .main(
                    List.of(),
                    List.of(),
                    List.of(
                        "demo",
                        "--serve",
                        "--json",
                        "--set",
                        "sudoku-4x4",
                        "--puzzles",
                        "" + JOBS)));
    command.remove(Tether.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("HRM_"));
    demo =
        builder
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    Matcher said = PAGE.matcher("");
    Eventually.holds(
        () -> said.reset(Files.readString(folder.resolve("err"))).find() || !demo.isAlive(),
        START,
        () -> "no page's address within %d s".formatted(START.toSeconds()));
    assertTrue(demo.isAlive(), Files.readString(folder.resolve("err")));
    page = said.group(1);
  }

  @AfterEach
  void endDemo() throws Exception {
    System.clearProperty("hrm.home");
    try {
      complaints(); // before the pages lose their node
    } finally {
      pages.clear();
      demo.destroy();
      assertTrue(demo.waitFor(60, TimeUnit.SECONDS), "the demo did not end");
    }
  }

  private JsonObject json(String path) throws Exception {
    return JsonParser.parseString(new String(get(path), StandardCharsets.UTF_8)).getAsJsonObject();
  }

  private byte[] get(String path) throws Exception {
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(URI.create(page + path)).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertEquals(200, response.statusCode(), path);
    return response.body();
  }

  @Test
  void everyJob_isListed_andItsTensorsAreThoseThatWereSent() throws Exception {
    JsonObject summary =
        JsonParser.parseString(Files.readString(folder.resolve("out"))).getAsJsonObject();
    assertEquals(JOBS, summary.get("results").getAsInt());
    ChromiumPage list = chromium.open(page, 1440, 900, "light");
    pages.add(list);
    list.until("document.querySelectorAll('.job-row:not(.heading)').length === " + JOBS);

    String id =
        json("api/jobs").getAsJsonArray("jobs").get(0).getAsJsonObject().get("id").getAsString();
    JsonObject trace = json("api/jobs/" + id);
    ChromiumPage job = chromium.open(page + "#/job/" + id, 1440, 900, "dark");
    pages.add(job);
    job.until("document.querySelectorAll('.tensors code').length === 2");
    int cycles = trace.getAsJsonArray("cycles").size();
    assertEquals(String.valueOf(cycles), job.text("output.place b"));
    assertEquals(
        trace.getAsJsonArray("cycles").get(cycles - 1).getAsJsonObject().get("board").getAsString(),
        job.evaluate(
                "[...document.querySelectorAll('.grid text')].map((t) => t.lastChild.textContent).join('')")
            .getAsString());
    String hint = job.text(".exchange .hint");
    assertTrue(hint.startsWith(trace.getAsJsonArray("messages").size() + " messages"), hint);
    for (int tensor = 0; tensor < 2; tensor++) { // zL and inputInjection of the last Think
      String of = "document.querySelectorAll('.tensors li')[%d].querySelector".formatted(tensor);
      String hash = job.evaluate(of + "('code').textContent").getAsString();
      String link = job.evaluate(of + "('a').getAttribute('href')").getAsString();
      assertEquals(hash, "%016x".formatted(fingerprint(get(link)).hash()), link);
    }
  }

  private static Fingerprint fingerprint(byte[] npy) {
    ByteBuffer buffer = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
    buffer.position(10 + buffer.getShort(8));
    float[] values = new float[buffer.remaining() / Float.BYTES];
    buffer.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return Fingerprint.of(values, values.length);
  }
}
