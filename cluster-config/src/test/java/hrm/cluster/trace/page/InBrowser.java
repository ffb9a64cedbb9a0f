package hrm.cluster.trace.page;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import hrm.cluster.trace.TraceSamples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The trace page in this machine's Chromium, its API answered by {@link PageStub}. */
abstract class InBrowser {
  static Chromium chromium;
  static PageStub stub;
  final List<ChromiumPage> pages = new ArrayList<>();
  boolean complaintsExpected;

  @BeforeAll
  static void start() throws IOException {
    Optional<Path> program = Chromium.find();
    if (program.isEmpty() && "true".equals(System.getenv("CI"))) {
      throw new AssertionError("CI needs a browser: apt-get install chromium");
    }
    assumeTrue(program.isPresent(), "no chromium on the path");
    chromium = new Chromium(program.get());
    stub = new PageStub();
  }

  @AfterAll
  static void stop() throws IOException {
    if (chromium != null) {
      chromium.close();
      stub.close();
    }
  }

  /** Nothing may be refused by the security policy, thrown, or said as an error. */
  @AfterEach
  void complaints() {
    for (ChromiumPage page : pages) {
      List<String> complaints = page.complaints();
      page.close();
      assertTrue(complaintsExpected || complaints.isEmpty(), complaints.toString());
    }
  }

  ChromiumPage open(String hash) {
    return open(hash, 1440, 900, "light");
  }

  ChromiumPage open(String hash, int width, int height, String scheme) {
    ChromiumPage page = chromium.open(stub.url(hash), width, height, scheme);
    pages.add(page);
    return page;
  }

  static JsonObject halted(String id, int segments, long seed) {
    JsonObject trace =
        TraceSamples.trace(TraceSamples.job(id, true, true, segments), segments, seed);
    stub.trace(trace);
    return trace;
  }

  static int kept(ChromiumPage page) {
    return page.number(
        "Number(document.querySelector('.list > .windowed').getAttribute('aria-rowcount')) - 1");
  }

  static void waitForJobs(ChromiumPage page) {
    page.until("document.querySelectorAll('.job-row:not(.heading)').length > 3");
  }

  static void filter(ChromiumPage page, String text) {
    page.evaluate(
        "(() => { const e = document.querySelector('input[name=q]'); e.value = ''; e.focus(); })()");
    page.type(text);
  }
}
