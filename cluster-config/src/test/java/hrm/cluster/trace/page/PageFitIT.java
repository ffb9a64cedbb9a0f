package hrm.cluster.trace.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import hrm.cluster.trace.TraceSamples;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is shown fits into the window, and stands where it belongs. */
class PageFitIT extends InBrowser {
  private static final List<String> VIEWS = List.of("#/jobs", "#/job/one", "#/diff/one/two");
  private static final List<Integer> WIDTHS = List.of(360, 420, 700, 701, 768, 901, 1100, 1400);

  /** Heads of lanes whose letters are wider than the box they are put into. */
  private static final String CLIPPED =
      """
      [...document.querySelectorAll('.lane-head :is(b, span)')].filter((e) => {
        const letters = document.createRange();
        letters.selectNodeContents(e);
        return letters.getBoundingClientRect().width > e.parentNode.clientWidth;
      }).map((e) => e.textContent).join()""";

  private static final String OVERLAPPING =
      """
      [...document.querySelectorAll('.lane-head')].filter((e) => e.previousElementSibling
        && e.getBoundingClientRect().left < e.previousElementSibling.getBoundingClientRect().right)
        .map((e) => e.textContent).join()""";

  /** Its heads are as long as real ones: a gateway asks through actors of such names. */
  private static void twoJobs() {
    stub.jobs(TraceSamples.jobs(50));
    halted("two", 6, 2);
    JsonObject one = TraceSamples.trace(TraceSamples.job("one", true, true, 6), 6, 1);
    for (JsonElement message : one.getAsJsonArray("messages")) {
      JsonObject m = message.getAsJsonObject();
      String sender = m.get("sender").getAsString();
      m.addProperty("sender", sender.replace("/user/jobs", "/user/crew-1/dispatcher$Kx"));
    }
    stub.trace(one);
  }

  private ChromiumPage view(String hash) {
    ChromiumPage page = open(hash);
    page.until("document.querySelector('.job-row:not(.heading), .grid')");
    return page;
  }

  private static String outside(ChromiumPage page, String selector) {
    return page.evaluate(
            "[...document.querySelectorAll(%s)].map((e) => [e, e.getBoundingClientRect()])"
                    .formatted(ChromiumPage.quoted(selector))
                + ".filter(([, box]) => box.right > innerWidth + 1 || box.left < -1)"
                + ".map(([e]) => e.outerHTML.slice(0, 80)).join()")
        .getAsString();
  }

  @Test
  void window_ofAnyWidth_nothingIsBesideIt() {
    twoJobs();
    for (String hash : VIEWS) {
      ChromiumPage page = view(hash);
      for (int width : WIDTHS) {
        page.resize(width, 900);
        String what = hash + " at " + width;
        assertTrue(page.number("document.documentElement.scrollWidth") <= width, what);
        assertEquals(
            "",
            outside(page, "main button, main h1, main h2, main .panel, main input, main summary"),
            what);
      }
    }
  }

  @Test
  void menus_inANarrowWindow_fit() {
    twoJobs();
    ChromiumPage page = view("#/job/one");
    for (int width : List.of(360, 420, 768)) {
      page.resize(width, 900);
      for (String menu : List.of(".menu:nth-of-type(1)", ".menu:nth-of-type(2)")) {
        page.click(menu + " summary");
        assertEquals("", outside(page, menu + " :is(a, input, button)"), menu + " at " + width);
        page.click(menu + " summary");
      }
      assertTrue(page.number("document.documentElement.scrollWidth") <= width, "at " + width);
    }
  }

  @Test
  void filters_inANarrowWindow_openByAButton() {
    twoJobs();
    ChromiumPage page = view("#/jobs");
    page.resize(380, 900);
    assertEquals(0, page.number("document.querySelector('[name=state]').offsetHeight"));
    page.click(".more");
    assertTrue(page.number("document.querySelector('[name=state]').offsetHeight") > 0);
    assertEquals("", outside(page, ".filters *"));
  }

  /** Of every column: where its heading begins and ends beside where its cells do. */
  @Test
  void headings_standOverTheirColumns() {
    twoJobs();
    ChromiumPage page = view("#/jobs");
    for (int width : List.of(701, 768, 901, 1100, 1400)) {
      page.resize(width, 900);
      filter(page, "job");
      assertEquals("", offset(page), "at " + width);
      filter(page, "job-00001"); // a single row: nothing to scroll
      assertEquals(1, kept(page));
      assertEquals("", offset(page), "one row at " + width);
    }
  }

  private static String offset(ChromiumPage page) {
    return page.evaluate(
            """
            (() => {
              const cells = (row) => [...document.querySelector(row).children].map((e) => e.getBoundingClientRect());
              const rows = cells('.job-row:not(.heading)');
              return cells('.heading').map((box, i) => [i, box.left - rows[i].left, box.right - rows[i].right])
                .filter(([, left, right]) => Math.abs(left) > 1 || Math.abs(right) > 1)
                .map(([i, left, right]) => `column ${i} by ${left}, ${right}`).join('; ');
            })()""")
        .getAsString();
  }

  @Test
  void headsOfLanes_areWhole_andApart() {
    twoJobs();
    ChromiumPage page = view("#/job/one");
    for (int width : List.of(360, 420, 768, 1400)) {
      page.resize(width, 900);
      page.until("document.querySelectorAll('.lane-head').length === 5");
      assertEquals("", page.evaluate(CLIPPED).getAsString(), "clipped at " + width);
      assertEquals("", page.evaluate(OVERLAPPING).getAsString(), "overlapping at " + width);
    }
  }
}
