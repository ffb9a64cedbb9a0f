package hrm.cluster.trace.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import hrm.cluster.trace.TraceSamples;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The list of jobs. */
class PageListIT extends InBrowser {
  @Test
  void filters_alone_keepWhatTheySay() {
    List<JsonObject> jobs = TraceSamples.jobs(400);
    stub.jobs(jobs);
    ChromiumPage page = open("");
    waitForJobs(page);
    assertEquals(400, kept(page));

    filter(page, "job-0001");
    assertEquals(10, kept(page), "text");
    filter(page, "/job-00..[13]$/ -job-0001");
    assertEquals(78, kept(page), "regex without a text");
    filter(page, "/job-(/");
    assertTrue(page.text("#filter-error").contains("no regular expression"));
    filter(page, "max_steps 10.0.0.2");
    assertEquals(count(jobs, "MAX_STEPS", "10.0.0.2"), kept(page), "reason and node by text");
    page.click(".filters button.quiet");
    assertEquals(400, kept(page), "cleared");
    page.click("input[name=failed]");
    assertEquals(count(jobs, "MAX_STEPS"), kept(page), "failed only");
    assertTrue(page.text(".job-row:not(.heading) .reason").contains("MAX_STEPS"));
    page.until("location.hash.includes('failed=1')");
  }

  @Test
  void deepLink_ofFilters_showsTheSameJobs() {
    List<JsonObject> jobs = TraceSamples.jobs(400);
    stub.jobs(jobs);
    ChromiumPage page = open("#/jobs?model=sudoku-6x6&amin=2&smin=4&smax=12&sort=-segments");
    waitForJobs(page);
    long wanted =
        jobs.stream()
            .filter(j -> j.get("model").getAsString().equals("sudoku-6x6"))
            .filter(j -> j.get("attempt").getAsInt() >= 2)
            .filter(j -> j.get("segments").getAsInt() >= 4 && j.get("segments").getAsInt() <= 12)
            .count();
    assertEquals(wanted, kept(page));
    assertEquals("12", page.text(".job-row:not(.heading) .segments"), "sorted");
    assertEquals("4", page.evaluate("document.querySelector('[name=smin]').value").getAsString());
  }

  @Test
  void scatter_dragged_keepsWhatLiesInTheRectangle() {
    stub.jobs(TraceSamples.jobs(400));
    ChromiumPage page = open("");
    waitForJobs(page);
    page.drag(".scatter canvas", 0.05, 0.02, 0.5, 0.95);
    page.until("document.querySelector('[name=smax]').value !== ''");
    int most = page.number("Number(document.querySelector('[name=smax]').value)");
    assertTrue(most > 3 && most < 13, "segments up to " + most);
    long wanted =
        TraceSamples.jobs(400).stream().filter(j -> j.get("segments").getAsInt() <= most).count();
    assertEquals(wanted, kept(page));
  }

  @Test
  void jobList_jobChanges_showsItAtOnce() {
    stub.jobs(TraceSamples.jobs(20));
    ChromiumPage page = open("");
    waitForJobs(page);
    page.until("document.querySelector('.live.on')");
    stub.streams.send("", "job", TraceSamples.job("just-now", false, false, 1));
    page.until("document.querySelector('.job-row:not(.heading) .id').textContent === 'just-now'");
    stub.streams.send("", "job", TraceSamples.job("just-now", true, true, 9));
    page.until("document.querySelector('.job-row.solved .id').textContent === 'just-now'");
    assertEquals("9", page.text(".job-row:not(.heading) .segments"));
  }

  /** A screen reader says whatever changes in a status. */
  @Test
  void jobsThatComeLive_areShown_butNotRead() {
    stub.jobs(TraceSamples.jobs(20));
    ChromiumPage page = open("");
    waitForJobs(page);
    page.until("document.querySelector('.live.on')");
    page.until(READ + ".includes('20 jobs')");
    page.evaluate(
        """
        window.read = [];
        new MutationObserver((all) => read.push(...all.filter((m) =>
            (m.target.closest ? m.target : m.target.parentElement)?.closest('[role=status]')).map((m) => m.target.textContent)))
          .observe(document.body, { childList: true, characterData: true, subtree: true });
        true""");
    for (int i = 21; i <= 25; i++) {
      stub.streams.send("", "job", TraceSamples.job("job-live-" + i, true, i % 2 == 0, 4));
      page.until(
          "document.querySelector('.counts').textContent.startsWith('%d jobs')".formatted(i));
    }
    assertEquals("", page.evaluate("read.join('; ')").getAsString(), "was read");
    filter(page, "job-live");
    page.until(READ + ".includes('5 of 25 jobs')");
  }

  private static final String READ =
      "[...document.querySelectorAll('[role=status]')].map((e) => e.textContent).join()";

  private static long count(List<JsonObject> jobs, String... parts) {
    return jobs.stream()
        .filter(j -> List.of(parts).stream().allMatch(j.toString()::contains))
        .count();
  }
}
