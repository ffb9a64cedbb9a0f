package hrm.cluster.trace.page;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.cluster.trace.TraceSamples;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How long an interaction takes with thousands of jobs and messages. */
@Tag("alone")
class PageSpeedIT extends InBrowser {
  private static final int LIMIT_MILLIS = 100;
  private static final int ROUNDS = 3;

  @Test
  void thousands_everyInteraction_under100Millis() {
    stub.jobs(TraceSamples.jobs(5000));
    ChromiumPage list = open("");
    waitForJobs(list);
    String typing =
        "(() => { const e = document.querySelector('input[name=q]'); e.value = 'job-0' + (i % 5);"
            + " e.dispatchEvent(new Event('input', {bubbles: true})); })()";
    assertFast(list, "filter 5,000 jobs", typing);
    assertFast(list, "next job", "dispatchEvent(new KeyboardEvent('keydown', {key: 'j'}))");
    assertFast(list, "scroll jobs", "document.querySelector('.scroller').scrollTop = i * 3000");

    JsonObject trace = halted("long", 1250, 1);
    int messages = trace.getAsJsonArray("messages").size();
    assertTrue(messages >= 5000, messages + " messages");
    ChromiumPage page = open("#/job/long");
    page.until("document.querySelectorAll('.arrow').length > 5");
    assertFast(
        page,
        "slider",
        "(() => { const e = document.querySelector('.rail input'); e.value = (i * 613) % 2500;"
            + " e.dispatchEvent(new Event('input', {bubbles: true})); })()");
    assertFast(
        page, "next cycle", "dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft'}))");
    assertFast(page, "next message", "dispatchEvent(new KeyboardEvent('keydown', {key: ']'}))");
    assertFast(
        page,
        "scroll exchange",
        "document.querySelector('.exchange .scroller').scrollTop = i * 7000");
    assertFast(
        page, "scroll time", "document.querySelector('.time .scroller').scrollTop = i * 5000");
    assertFast(page, "choose", "document.querySelectorAll('.time-row')[i % 8].click()");
    int elements = page.number("document.querySelectorAll('*').length");
    assertTrue(elements < 3000, elements + " elements for " + messages + " messages");
  }

  /**
   * From the input to the painted frame: the 95th percentile of forty. What else runs on the
   * machine may spoil a round, so the best of three counts.
   */
  private static void assertFast(ChromiumPage page, String what, String act) {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS && best >= LIMIT_MILLIS; round++) {
      JsonArray millis =
          page.evaluate(
                  "(async () => { const all = []; for (let i = 0; i < 40; i++) all.push(await millisOf(() => { "
                      + act
                      + "; })); return all.sort((a, b) => a - b); })()")
              .getAsJsonArray();
      double high = millis.get(37).getAsDouble();
      System.out.printf(
          "page: %-20s median %.1f ms, 95th %.1f ms, worst %.1f ms%n",
          what, millis.get(20).getAsDouble(), high, millis.get(39).getAsDouble());
      best = Math.min(best, high);
    }
    assertTrue(best < LIMIT_MILLIS, "%s took %.1f ms".formatted(what, best));
  }
}
