package hrm.cluster.trace.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.trace.TraceSamples;
import org.junit.jupiter.api.Test;

/** Every control has a name, is reached by Tab, and shows that it has the focus. */
class PageFocusIT extends InBrowser {
  private static final int MOST = 300;

  /** What a person could press, in sight or not. */
  private static final String CONTROLS =
      """
      window.controls = () => [...document.querySelectorAll('a[href], button, input, select, summary, [role=button]')]
        .filter((e) => !e.disabled && e.checkVisibility());
      window.nameOf = (e) => (e.getAttribute('aria-label') || [...(e.labels ?? [])].map((l) => l.textContent).join(' ') || e.textContent).trim();
      window.told = (e) => `${e.tagName} ${nameOf(e)} ${e.getAttribute('class') ?? ''} ${e.getAttribute('name') ?? ''}`;
      """;

  /**
   * The outline of an element with the focus, or of what stands for it, is drawn and not cut off at
   * its sides by what it lies in.
   */
  private static final String RING =
      """
      window.ringed = (e) => {
        const hit = e.querySelector(':scope > .hit');
        if (hit) return getComputedStyle(hit).stroke !== 'none';
        const at = e.closest('.job-row:not(.heading)') ?? e;
        const style = getComputedStyle(at);
        if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return false;
        const more = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
        const box = at.getBoundingClientRect();
        for (let p = at.parentElement; p; p = p.parentElement) {
          const around = p.getBoundingClientRect();
          if (getComputedStyle(p).overflowX !== 'visible' && (box.left - more < around.left - 0.5 || box.right + more > around.right + 0.5)) return false;
        }
        return true;
      };
      """;

  @Test
  void list_byTab() {
    stub.jobs(TraceSamples.jobs(12));
    ChromiumPage page = open("", 1440, 1200, "light");
    waitForJobs(page);
    assertReached(page);
  }

  @Test
  void list_inANarrowWindow_byTab() {
    stub.jobs(TraceSamples.jobs(6));
    ChromiumPage page = open("", 420, 1200, "dark");
    waitForJobs(page);
    page.click(".more");
    assertReached(page);
  }

  @Test
  void job_byTab() {
    halted("one", 4, 1);
    ChromiumPage page = open("#/job/one?cycle=2", 1440, 1400, "light");
    page.until("document.querySelectorAll('.arrow').length > 5");
    page.click(".menu summary");
    assertReached(page);
  }

  @Test
  void twoJobs_byTab() {
    halted("one", 4, 1);
    halted("two", 4, 2);
    ChromiumPage page = open("#/diff/one/two");
    page.until("document.querySelector('.verdict')");
    assertReached(page);
  }

  @Test
  void arrow_byEnterOrSpace_isChosen() {
    halted("one", 4, 1);
    ChromiumPage page = open("#/job/one?cycle=2", 1440, 1400, "light");
    page.until("document.querySelectorAll('.arrow').length > 5");
    for (String key : new String[] {"Enter", " "}) {
      page.evaluate("document.querySelector('.arrow:not(.selected)').focus()");
      page.press(key);
      assertTrue(
          page.evaluate("document.activeElement.classList.contains('selected')").getAsBoolean(),
          "by " + key);
    }
  }

  private void assertReached(ChromiumPage page) {
    page.evaluate(CONTROLS + RING + "window.met = new Set(); window.dull = []; true");
    assertEquals(
        "",
        page.evaluate("controls().filter((e) => !nameOf(e)).map((e) => e.outerHTML).join()")
            .getAsString(),
        "without a name");
    page.evaluate("document.activeElement.blur()");
    for (int i = 0; i < MOST; i++) {
      page.press("Tab");
      String now =
          page.evaluate(
                  """
                  (() => {
                    const e = document.activeElement;
                    if (e === document.body || met.has(e)) return 'round';
                    met.add(e);
                    if (!ringed(e)) dull.push(told(e));
                    return '';
                  })()""")
              .getAsString();
      if (now.equals("round")) {
        break;
      }
    }
    assertEquals("", page.evaluate("dull.join('; ')").getAsString(), "focus is not seen");
    assertEquals(
        "",
        page.evaluate("controls().filter((e) => !met.has(e)).map(told).join('; ')").getAsString(),
        "not reached");
  }
}
