package hrm.cluster.trace.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import hrm.cluster.trace.TraceSamples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What holds on every part of the trace page. */
class PageIT extends InBrowser {
  private static final String HOSTILE =
      "<img src=x onerror=alert(1)>\u0000\u0007\u202e\"'&/<script>alert(2)</script>";

  @Test
  void keyboardAlone_reachesEverything() {
    List<JsonObject> jobs = TraceSamples.jobs(50);
    stub.jobs(jobs);
    for (JsonObject job : jobs) {
      stub.trace(TraceSamples.trace(job, job.get("segments").getAsInt(), 1));
    }
    ChromiumPage page = open("");
    waitForJobs(page);
    page.press("/");
    page.type("job-0001");
    assertEquals(10, kept(page));
    page.press("j");
    assertEquals(
        "job-0001j", page.evaluate("document.querySelector('input[name=q]').value").getAsString());
    assertEquals(0, page.number("document.querySelectorAll('.job-row.selected').length"));
    filter(page, "job-0001");
    page.press("Escape", "j", "j", "j", "k");
    assertEquals("job-00011", page.text(".job-row.selected .id"));
    page.press("Enter");
    page.until("location.hash.startsWith('#/job/job-00011')");
    page.until("document.querySelector('.rail input')");
    page.press("Home", "ArrowRight");
    assertEquals("2", page.text("output.place b"));
    page.press("]");
    assertTrue(page.text(".inspector h2").startsWith("Thought"));
    page.press("?");
    page.until("document.querySelector('dialog').open");
    page.press("Escape");
    page.until("!document.querySelector('dialog').open");
    page.press("Tab");
    assertTrue(
        page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'")
            .getAsBoolean(),
        "focus is seen");
    page.press("u");
    page.until("document.querySelector('main.list')");
    assertEquals(
        "job-0001",
        page.evaluate("document.querySelector('input[name=q]').value").getAsString(),
        "the filter is kept");
    waitForJobs(page);
    page.press("j", "c", "j", "c");
    page.until("location.hash.startsWith('#/diff/job-00010/job-00011')");
    page.until("document.querySelector('.verdict')");
  }

  @Test
  void hostileText_anywhere_staysText() {
    JsonObject job = TraceSamples.job(HOSTILE, true, false, 3);
    for (String field : List.of("model", "reason", "node", "puzzle")) {
      job.addProperty(field, HOSTILE);
    }
    stub.jobs(
        List.of(
            job,
            job.deepCopy(),
            TraceSamples.job("\ud800", true, true, 2),
            TraceSamples.job("ordinary", true, true, 2)));
    JsonObject trace = TraceSamples.trace(job, 3, 1);
    trace.getAsJsonObject("board").addProperty("puzzle", HOSTILE);
    trace.getAsJsonObject("board").addProperty("kind", HOSTILE);
    trace.getAsJsonObject("convergence").addProperty("mark", HOSTILE);
    for (JsonElement m : trace.getAsJsonArray("messages")) {
      for (String field : List.of("type", "id", "sender", "receiver", "sender_node")) {
        m.getAsJsonObject().addProperty(field, HOSTILE);
      }
    }
    for (JsonElement c : trace.getAsJsonArray("cycles")) {
      c.getAsJsonObject().addProperty("board", HOSTILE);
    }
    // what a string should be, and is made to look like a node of the page's own library
    JsonObject forged = new JsonObject();
    forged.addProperty("type", "img");
    forged.add("constructor", JsonNull.INSTANCE);
    trace.getAsJsonArray("messages").get(0).getAsJsonObject().add("id", forged);
    stub.trace(trace);

    ChromiumPage page = open("#/jobs");
    page.until("document.querySelectorAll('.job-row:not(.heading)').length === 3");
    String name = page.text(".job-row .id a");
    assertEquals(
        "<img src=x onerror=alert(1)>\\u0000\\u0007\\u202e\"'&/<script>alert(2)</script>", name);
    page.click(".job-row .id a");
    page.until("document.querySelector('.grid') && document.querySelector('.arrow')");
    assertTrue(page.text("h1").startsWith("<img src=x onerror=alert(1)>\\u0000"));
    page.press("[", "[", "[", "[", "[", "[", "[", "[");
    assertTrue(page.text(".inspector h2").startsWith("<img"));
    assertEquals(
        0,
        page.number("document.querySelectorAll('#page img, #page script, #page iframe').length"));
  }

  @Test
  void traceThatIsNotThere_isSaidClearly() {
    complaintsExpected = true; // the browser's own line about the 404
    ChromiumPage page = open("#/job/nowhere");
    page.until("document.querySelector('[role=alert]')");
    assertEquals("job nowhere: no trace of it is kept here", page.text("[role=alert]"));
  }

  @Test
  void traceWithNothingIn_isShown() {
    JsonObject trace = new JsonObject();
    JsonObject job = new JsonObject();
    job.addProperty("id", "bare");
    trace.add("job", job);
    stub.trace(trace);
    ChromiumPage page = open("#/job/bare");
    page.until("document.querySelectorAll('.panel').length === 5");
    page.press("ArrowRight", "]", " ", "PageDown");
    assertEquals("bare", page.text("h1"));
  }

  @Test
  void listAndJob_inDarkAndLight_arePhotographed() throws IOException {
    stub.jobs(TraceSamples.jobs(400));
    halted("job-00042", 11, 42);
    for (String scheme : List.of("light", "dark")) {
      ChromiumPage list = open("#/jobs", 1440, 900, scheme);
      waitForJobs(list);
      list.screenshot(Path.of("target/page/list-%s.png".formatted(scheme)));
      ChromiumPage job = open("#/job/job-00042?cycle=7", 1440, 1400, scheme);
      job.until("document.querySelectorAll('.arrow').length > 5");
      job.screenshot(Path.of("target/page/job-%s.png".formatted(scheme)));
      String paper = "getComputedStyle(document.body).backgroundColor";
      String seen = job.evaluate(paper).getAsString();
      job.press("t");
      if (scheme.equals("light")) {
        job.until("%s !== '%s'".formatted(paper, seen)); // the toggle's first step is dark
        job.reload();
        job.until("%s !== '%s'".formatted(paper, seen)); // and it is remembered
      }
    }
  }
}
