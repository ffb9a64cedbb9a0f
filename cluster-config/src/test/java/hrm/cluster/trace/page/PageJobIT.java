package hrm.cluster.trace.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import hrm.cluster.trace.TraceSamples;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** A job, and two beside each other. */
class PageJobIT extends InBrowser {
  @Test
  void slider_moved_movesEveryView() {
    JsonObject trace = halted("steady", 12, 1);
    ChromiumPage page = open("#/job/steady");
    page.until("document.querySelector('.rail input')");
    assertViewsAt(page, trace, 23);
    page.press("ArrowLeft", "ArrowLeft", "ArrowLeft");
    assertViewsAt(page, trace, 20);
    page.press("Home");
    assertViewsAt(page, trace, 0);
    page.press("PageDown");
    assertViewsAt(page, trace, 2);
    page.drag(".rail input", 0.01, 0.5, 0.5, 0.5);
    assertViewsAt(page, trace, page.number("Number(document.querySelector('.rail input').value)"));
    page.drag(".curves", 0.3, 0.5, 0.8, 0.5);
    int at = page.number("Number(document.querySelector('.rail input').value)");
    assertTrue(at > 14 && at < 23, "dragged over the curves to " + at);
    assertViewsAt(page, trace, at);
  }

  private static void assertViewsAt(ChromiumPage page, JsonObject trace, int index) {
    JsonObject cycle = trace.getAsJsonArray("cycles").get(index).getAsJsonObject();
    String place = cycle.get("segment").getAsInt() + "." + cycle.get("cycle").getAsInt();
    assertEquals(index, page.number("Number(document.querySelector('.rail input').value)"));
    assertEquals(String.valueOf(index + 1), page.text("output.place b"));
    assertEquals(place, page.text(".sequence .place.here"), "exchange");
    assertEquals(
        cycle.get("board").getAsString(),
        page.evaluate(
                "[...document.querySelectorAll('.grid text')].map((t) => t.lastChild.textContent).join('')")
            .getAsString(),
        "board");
    int changed = cycle.getAsJsonArray("changed").size();
    assertEquals(String.valueOf(changed), page.text(".fact.changed dd"), "changed cells");
    List<String> numbers =
        StreamSupport.stream(trace.getAsJsonArray("messages").spliterator(), false)
            .map(JsonElement::getAsJsonObject)
            .filter(m -> m.get("segment").equals(cycle.get("segment")))
            .filter(m -> m.get("cycle").equals(cycle.get("cycle")))
            .filter(m -> m.get("hand").equals(cycle.get("hand")))
            .map(m -> m.get("sequence").getAsString())
            .toList();
    String shown =
        page.evaluate(
                "[...document.querySelectorAll('.time-row.now .number')].map((e) => e.textContent.replace(',', '')).join(' ')")
            .getAsString();
    assertTrue(
        List.of(shown.split(" ")).containsAll(numbers), "time: " + shown + " for " + numbers);
    String inspected = page.text(".inspector .details");
    String wanted =
        "segment %d, cycle %d"
            .formatted(cycle.get("segment").getAsInt(), cycle.get("cycle").getAsInt());
    assertTrue(inspected.contains(wanted), "message: " + inspected);
    double residual = cycle.get("z_h_residual").getAsDouble();
    String read = page.text(".convergence .legend span:nth-child(2) b");
    assertEquals(residual, Double.parseDouble(read), 0.06 * residual + 0.001, "convergence");
    double share =
        page.evaluate(
                "(() => { const now = document.querySelector('.convergence .now'), svg = document.querySelector('.curves');"
                    + " return (Number(now.getAttribute('x')) - 46) / (svg.clientWidth - 56); })()")
            .getAsDouble();
    assertEquals((double) index / trace.getAsJsonArray("cycles").size(), share, 0.01, "band");
    page.until("location.hash.match(/cycle=%d(&|$)/) || %d === 23".formatted(index, index));
  }

  @Test
  void secondPlanner_sameNumbers_standsBehindTheFirst() {
    JsonObject job = TraceSamples.job("handed-over", true, true, 6);
    JsonObject trace = TraceSamples.handedOver(job, 6, 1);
    trace.addProperty("runs", 2);
    stub.trace(trace);
    ChromiumPage page = open("#/job/handed-over");
    page.until("document.querySelector('.rail input')");
    assertTrue(page.text(".notice").startsWith("The attempt was run 2 times"));
    page.press("Home");
    for (int index = 0; index < 18; index++) {
      assertViewsAt(page, trace, index);
      if (index == 6) {
        assertEquals("events 7 to 10 are missing", page.text(".sequence .gap-text"));
      }
      page.press("ArrowRight");
    }
    page.press("Home", "End", "]");
    page.until("document.querySelector('.inspector h2').textContent.startsWith('Thought')");
    page.evaluate("document.querySelector('.inspector .link').click()");
    page.until("document.querySelector('.inspector h2').textContent.startsWith('Think')");
    assertViewsAt(page, trace, 17);
    page.until("location.hash.includes('message=2.')"); // the first planner's has the same number
    String order = page.text(".inspector");
    page.reload();
    page.until("document.querySelector('.inspector h2')");
    assertEquals(order, page.text(".inspector"), "the address names the second planner's message");
  }

  @Test
  void pageKeys_goBySegments_overTwoPlanners() {
    JsonObject job = TraceSamples.job("paged", true, true, 6);
    stub.trace(TraceSamples.handedOver(job, 6, 1));
    ChromiumPage page = open("#/job/paged");
    page.until("document.querySelector('.rail input')");
    page.press("Home");
    int cycles = page.number("Number(document.querySelector('.rail input').max) + 1");
    int presses = 0;
    for (; place(page) < cycles - 1 && presses < cycles; presses++) {
      page.press("PageDown");
    }
    assertEquals(cycles / 2, presses, "a segment has two cycles; the last press goes to the end");
    int last = place(page);
    page.press("PageUp");
    assertTrue(last - place(page) <= 3, "to the segment before, of the same planner");
  }

  private static int place(ChromiumPage page) {
    return page.number("Number(document.querySelector('.rail input').value)");
  }

  @Test
  void runningJob_thinksOn_pageFollows() {
    stub.trace(TraceSamples.trace(TraceSamples.job("live", false, false, 2), 2, 3));
    ChromiumPage page = open("#/job/live");
    page.until("document.querySelector('.live.on')");
    assertEquals("4", page.text("output.place b"));
    stub.trace(TraceSamples.trace(TraceSamples.job("live", false, false, 5), 5, 3));
    page.until("document.querySelector('output.place b').textContent === '10'");
    page.press("Home");
    stub.trace(TraceSamples.trace(TraceSamples.job("live", true, true, 8), 8, 3));
    page.until("document.querySelector('output.place').textContent.includes('/ 16')");
    assertEquals("1", page.text("output.place b"), "who looks at an earlier cycle stays there");
    assertEquals("solved", page.text(".job-head .state"));
  }

  /** The page writes the address as it moves, so what stood there once may be typed again. */
  @Test
  void addressTypedAgain_isGoneTo() {
    halted("typed", 12, 1);
    ChromiumPage page = open("#/job/typed?cycle=5");
    page.until("document.querySelector('output.place b').textContent === '6'");
    page.press("End");
    page.until("location.hash.includes('cycle=23')");
    page.evaluate("location.hash = '#/job/typed?cycle=5'");
    page.until("document.querySelector('output.place b').textContent === '6'");
  }

  @Test
  void messageTyped_isShown() {
    JsonObject trace = halted("typed", 12, 1);
    ChromiumPage page = open("#/job/typed?cycle=5");
    page.until("document.querySelector('output.place b').textContent === '6'");
    JsonObject message = trace.getAsJsonArray("messages").get(20).getAsJsonObject();
    page.evaluate(
        "location.hash = '#/job/typed?cycle=5&message=' + " + message.get("sequence").getAsInt());
    page.until(
        "document.querySelector('.inspector').textContent.includes('segment %d, cycle %d')"
            .formatted(message.get("segment").getAsInt(), message.get("cycle").getAsInt()));
    page.until(
        "location.hash.includes('message=%d')".formatted(message.get("sequence").getAsInt()));
  }

  @Test
  void attemptPicked_thenAddressWithoutItTyped_showsTheLast() {
    JsonObject first = attempt("picked", 1, 3);
    stub.keep(first);
    ChromiumPage page = open("#/job/picked");
    page.until("document.querySelector('select[name=attempt]')");
    page.evaluate(
        "(() => { const e = document.querySelector('select[name=attempt]'); e.value = '1';"
            + " e.dispatchEvent(new Event('change', {bubbles: true})); })()");
    page.until("location.hash.includes('attempt=1')");
    stub.keep(attempt("picked", 2, 6));
    page.evaluate("location.hash = '#/job/picked?cycle=7'");
    page.until("document.querySelector('output.place').textContent.startsWith('8 / 12')");
  }

  /** Of two attempts. */
  private static JsonObject attempt(String id, int number, int segments) {
    JsonObject trace =
        TraceSamples.trace(TraceSamples.job(id, true, true, segments), segments, number);
    trace.addProperty("attempt", number);
    trace.getAsJsonArray("attempts").add(2);
    return trace;
  }

  @Test
  void message_inTrouble_standsOut() {
    halted("troubled", 6, 1);
    ChromiumPage page = open("#/job/troubled?cycle=5");
    page.until("document.querySelectorAll('.arrow.trouble').length === 2");
    String labels =
        page.evaluate(
                "[...document.querySelectorAll('.arrow.trouble text')].map((t) => t.textContent).join()")
            .getAsString();
    assertEquals("Think · lost,Think · retry 1", labels);
    page.evaluate(
        "document.querySelector('.arrow.trouble').dispatchEvent(new MouseEvent('click', {bubbles: true}))");
    page.until("document.querySelector('.inspector').textContent.includes('never arrived')");
    page.press("]");
    page.until("document.querySelector('.inspector').textContent.includes('sent 1 times before')");
    String tensor =
        page.evaluate("document.querySelector('.tensors a').getAttribute('href')").getAsString();
    assertEquals("api/jobs/troubled/tensor?attempt=1&segment=3&cycle=2&state=zL&tick=0", tensor);
  }

  @Test
  void twoJobs_compared_showWhereTheyPart() {
    halted("one", 6, 1);
    JsonObject b = TraceSamples.trace(TraceSamples.job("two", true, true, 6), 6, 1);
    JsonObject cycle = b.getAsJsonArray("cycles").get(7).getAsJsonObject();
    cycle.addProperty("board", "9" + cycle.get("board").getAsString().substring(1));
    stub.trace(b);
    ChromiumPage page = open("#/diff/one/two");
    page.until("document.querySelector('.verdict')");
    assertTrue(page.text(".verdict h2").contains("cycle 8"), page.text(".verdict h2"));
    assertTrue(page.text(".verdict").contains("Cells that differ now1 of 81"));
    assertEquals("8", page.text("output.place b"), "opens where they part");
    page.press("ArrowLeft");
    assertTrue(page.text(".verdict").contains("Cells that differ now0 of 81"));
  }
}
