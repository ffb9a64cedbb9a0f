package hrm.cluster.trace.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.trace.TraceSamples;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What opens over the page, and how one gets rid of it. */
class PageMenuIT extends InBrowser {
  private static final List<String> MENUS = List.of("Compare", "Export");

  private ChromiumPage job() {
    halted("one", 6, 1);
    ChromiumPage page = open("#/job/one");
    page.until("document.querySelector('.rail input')");
    return page;
  }

  /** The summary of a menu, as an expression. */
  private static String button(String menu) {
    return "[...document.querySelectorAll('.menu summary')].find((e) => e.textContent === '%s')"
        .formatted(menu);
  }

  private static void press(ChromiumPage page, String menu) {
    page.evaluate("%s.setAttribute('id', 'now')".formatted(button(menu)));
    page.drag("#now", 0.5, 0.5, 0.5, 0.5);
    page.evaluate("document.querySelector('#now').removeAttribute('id')");
  }

  private static String open(ChromiumPage page) {
    return page.evaluate(
            "[...document.querySelectorAll('.menu[open] summary')].map((e) => e.textContent).join()")
        .getAsString();
  }

  private static boolean focused(ChromiumPage page, String expression) {
    return page.evaluate("document.activeElement === " + expression).getAsBoolean();
  }

  @Test
  void menu_escape_closesIt_andTheButtonHasTheFocus() {
    ChromiumPage page = job();
    for (String menu : MENUS) {
      press(page, menu);
      assertEquals(menu, open(page));
      page.press("Tab"); // into what is open
      assertFalse(focused(page, button(menu)));
      page.press("Escape");
      assertEquals("", open(page));
      assertTrue(focused(page, button(menu)), menu);
      page.press("Escape");
      assertFalse(focused(page, button(menu)), "nothing is open: leaves the button");
    }
  }

  @Test
  void menu_pressElsewhere_closesIt_andTheButtonHasTheFocus() {
    ChromiumPage page = job();
    for (String menu : MENUS) {
      press(page, menu);
      page.press("Tab");
      page.drag(".board h2", 0.9, 0.5, 0.9, 0.5);
      assertEquals("", open(page));
      page.until("document.activeElement === " + button(menu));
    }
  }

  @Test
  void menu_pressOnAnotherControl_closesIt_andThatHasTheFocus() {
    ChromiumPage page = job();
    press(page, "Compare");
    press(page, "Export");
    assertEquals("Export", open(page), "one at a time");
    assertTrue(focused(page, button("Export")));
    page.drag(".rail input", 0.5, 0.5, 0.5, 0.5);
    assertEquals("", open(page));
    assertTrue(focused(page, "document.querySelector('.rail input')"));
  }

  @Test
  void menu_pressWithin_leavesItOpen_andTabBeyondItClosesIt() {
    ChromiumPage page = job();
    press(page, "Compare");
    page.drag(".menu input", 0.2, 0.5, 0.8, 0.5);
    page.type("two");
    assertEquals("Compare", open(page));
    page.press("Tab", "Tab"); // its own button, then the next menu's
    assertEquals("", open(page));
    assertTrue(focused(page, button("Export")));
  }

  @Test
  void keys_pressElsewhereOrEscape_closesThem_andTheButtonHasTheFocus() {
    stub.jobs(TraceSamples.jobs(50));
    ChromiumPage page = open("");
    waitForJobs(page);
    String dialog = "document.querySelector('dialog').open";
    String button = "document.querySelector('.top button')";
    page.drag(".top button", 0.5, 0.5, 0.5, 0.5);
    assertTrue(page.evaluate(dialog).getAsBoolean());
    page.drag("dialog", 0.5, 0.01, 0.5, 0.01);
    assertTrue(page.evaluate(dialog).getAsBoolean(), "its own edge is not elsewhere");
    page.press("Escape");
    page.until("!" + dialog);
    assertTrue(focused(page, button));
    page.drag(".top button", 0.5, 0.5, 0.5, 0.5);
    page.drag("dialog", -0.1, 0.5, -0.1, 0.5);
    page.until("!" + dialog);
    assertTrue(focused(page, button));
  }
}
