package hrm.cluster.trace.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import hrm.cluster.cli.Eventually;
import hrm.cluster.trace.TraceSamples;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams that break, are refused, or race with answers: the page shows the newest in the end. */
class PageStreamIT extends InBrowser {
  private static final String SOLVED =
      "document.querySelector('.job-head .state').textContent === 'solved'";

  @AfterEach
  void letGo() {
    stub.letGo();
    stub.streams.accept("");
  }

  private static JsonObject trace(String id, boolean halted, int segments) {
    return TraceSamples.trace(TraceSamples.job(id, halted, true, segments), segments, 3);
  }

  private ChromiumPage openLive(String hash) {
    ChromiumPage page = open(hash);
    page.until("document.querySelector('.live.on')");
    return page;
  }

  @Test
  void jobHalts_whileItsStreamIsBroken_isShownSolved() {
    stub.keep(trace("cut", false, 2));
    ChromiumPage page = openLive("#/job/cut");
    stub.keep(trace("cut", true, 8));
    stub.streams.refuse("cut", 204);
    page.until(SOLVED);
    assertEquals("16", page.text("output.place b"));
  }

  @Test
  void jobUnknownForAWhile_isFollowedAgain() throws Exception {
    complaintsExpected = true; // the browser's own lines about the 404
    stub.keep(trace("indexing", false, 2));
    ChromiumPage page = openLive("#/job/indexing");
    stub.forget("indexing");
    stub.streams.refuse("indexing", 404);
    page.until("document.querySelector('[role=alert].bad')");
    stub.keep(trace("indexing", false, 3));
    stub.streams.accept("indexing");
    page.until("document.querySelector('.live.on') && !document.querySelector('[role=alert].bad')");
    assertEquals("6", page.text("output.place b"), "what happened meanwhile");
    stub.trace(trace("indexing", true, 5));
    page.until(SOLVED);
  }

  @Test
  void listsStream_refusedAtFirst_isOpenedLater() throws Exception {
    complaintsExpected = true; // the browser's own line about the 503
    stub.jobs(TraceSamples.jobs(20));
    stub.streams.refuse("", 503);
    int before = stub.streams.refused("");
    ChromiumPage page = open("");
    waitForJobs(page);
    Eventually.holds(() -> stub.streams.refused("") > before, () -> "nobody follows the list");
    stub.jobs(TraceSamples.jobs(21));
    stub.streams.accept("");
    page.until("document.querySelector('.live.on')");
    page.until("document.querySelector('.counts').textContent.startsWith('21 jobs')");
  }

  @Test
  void listedJobHalts_whileTheListIsOnItsWay_staysHalted() {
    List<JsonObject> jobs = TraceSamples.jobs(20);
    stub.jobs(jobs);
    stub.hold();
    ChromiumPage page = openLive("");
    String id = jobs.get(0).get("id").getAsString();
    stub.streams.send("", "job", TraceSamples.job(id, true, true, 4));
    page.until("document.querySelector('.job-row.solved .id').textContent === '%s'".formatted(id));
    stub.letGo();
    page.until("document.querySelector('.counts').textContent.startsWith('20 jobs')");
    assertEquals(
        0, page.number("document.querySelectorAll('.job-row.running').length"), "older than that");
  }

  @Test
  void jobHalts_whileItsTraceIsOnItsWay_staysHalted() throws Exception {
    stub.keep(trace("raced", false, 2));
    stub.hold();
    ChromiumPage page = open("#/job/raced");
    Eventually.holds(() -> stub.streams.count("raced") == 1, () -> "nobody follows the job");
    stub.trace(trace("raced", true, 8));
    page.until(SOLVED);
    stub.letGo();
    page.until(
        "performance.getEntriesByType('resource').some((e) => e.name.endsWith('api/jobs/raced') && e.responseEnd)");
    page.evaluate("painted().then(painted).then(() => true)");
    assertEquals("solved", page.text(".job-head .state"));
    assertEquals("16", page.text("output.place b"));
  }

  @Test
  void anotherAttempt_thanTheOneLookedAt_changesOnlyWhatIsOfTheJob() {
    stub.keep(trace("again", false, 2));
    ChromiumPage page = openLive("#/job/again?attempt=1");
    JsonObject second = trace("again", true, 8);
    second.addProperty("attempt", 2);
    second.getAsJsonArray("attempts").add(2);
    stub.streams.send("again", "trace", second);
    page.until(SOLVED);
    page.until("document.querySelectorAll('select[name=attempt] option').length === 2");
    assertEquals(
        "1", page.evaluate("document.querySelector('[name=attempt]').value").getAsString());
    assertEquals(0, page.number("document.querySelectorAll('.job-head .live').length"));
    assertEquals("4", page.text("output.place b"), "its cycles are the first attempt's");
  }
}
