package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class TrainingReportTest {
  private static final String HOSTILE = "<script>alert(\"x\")</script>&'";

  @TempDir Path folder;

  private Path log() {
    return folder.resolve(TrainingLog.FILE);
  }

  private void train(int points, double lastLoss) throws Exception {
    TrainSettings settings = TrainSettings.preset("sudoku-4x4");
    settings.data(HOSTILE);
    try (TrainingLog log = TrainingLog.append(log())) {
      log.run(0, settings, HOSTILE);
      for (int i = 1; i <= points; i++) {
        log.progress(TrainingLogTest.progress(i, i == points ? lastLoss : 1.0 / i));
        if (i % 10 == 0) {
          log.evaluation(
              i, i, "validation", TrainingLogTest.evaluation(0.25, 0.5, 0.625, i / 1000.0), true);
        }
      }
    }
  }

  private String page() throws Exception {
    Path page = folder.resolve(TrainingReport.FILE);
    TrainingReport.write(log(), page);
    return Files.readString(page);
  }

  /** Every SVG of the page, parsed strictly. */
  private static List<Element> charts(String page) throws Exception {
    List<Element> charts = new ArrayList<>();
    Matcher svg = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(page);
    while (svg.find()) {
      charts.add(
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(svg.group())))
              .getDocumentElement());
    }
    return charts;
  }

  private static JsonObject data(Element chart) {
    return JsonParser.parseString(chart.getAttribute("data-chart")).getAsJsonObject();
  }

  private static String title(String page, Element chart) {
    String id = chart.getAttribute("aria-labelledby").split(" ")[0];
    Matcher title = Pattern.compile("<figcaption id=\"" + id + "\">(.*?)<").matcher(page);
    assertTrue(title.find(), id);
    return title.group(1);
  }

  private static List<String> paths(Element chart) {
    List<String> paths = new ArrayList<>();
    var all = chart.getElementsByTagName("path");
    for (int i = 0; i < all.getLength(); i++) {
      Element path = (Element) all.item(i);
      if (path.getAttribute("class").startsWith("line")) {
        paths.add(path.getAttribute("d"));
      }
    }
    return paths;
  }

  @Test
  void page_ofARun_hasEveryCurveAndNothingFromOutside() throws Exception {
    train(100, 0.01);
    String page = page();
    List<Element> charts = charts(page);
    assertEquals(
        List.of(
            "Loss in training (logarithmic)",
            "Accuracy in training",
            "Exact on the validation set, after so many segments",
            "Segments a sample, mean",
            "Speed, samples/s",
            "Learning rate"),
        charts.stream().map(chart -> title(page, chart)).toList());
    assertEquals(
        List.of(3, 2, 3, 1, 1, 1), charts.stream().map(chart -> paths(chart).size()).toList());
    assertFalse(page.contains("http"), "an address");
    assertFalse(page.matches("(?s).*(<link|\\ssrc=|@import|url\\().*"), "a file of its own");
    assertTrue(page.contains("<td>50.0%</td>"), "the evaluations' table");
  }

  @Test
  void page_ofHostileTexts_showsThemAsTexts() throws Exception {
    train(10, 0.1);
    String page = page();
    assertFalse(page.contains("<script>alert"));
    assertTrue(page.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;"));
    assertEquals(1, page.split("<script", -1).length - 1);
  }

  @Test
  void chart_ofMorePointsThanPixels_isThinnedAndKeepsTheLatestValue() throws Exception {
    train(2000, 0.5);
    String page = page();
    JsonObject loss = data(charts(page).get(0));
    assertEquals(400, loss.getAsJsonArray("x").size());
    assertTrue(page.contains("all <b>0.5</b>"));
  }

  @Test
  void chart_ofALossThatIsNoNumber_leavesAGap() throws Exception {
    train(9, 0.1);
    try (TrainingLog log = TrainingLog.append(log())) {
      log.progress(TrainingLogTest.progress(10, Double.NaN));
      log.progress(TrainingLogTest.progress(11, 0)); // has no place on a logarithmic axis
      log.progress(TrainingLogTest.progress(12, 0.1));
    }
    String line = paths(charts(page()).get(0)).get(0);
    assertEquals(2, line.chars().filter(c -> c == 'M').count(), line);
    assertFalse(line.contains("NaN") || line.contains("Infinity"), line);
  }

  @Test
  void page_afterResume_marksTheStep() throws Exception {
    train(20, 0.1);
    try (TrainingLog log = TrainingLog.append(log())) {
      log.run(15, TrainSettings.preset("sudoku-4x4"), "elsewhere");
      log.progress(TrainingLogTest.progress(18, 0.1));
    }
    String page = page();
    assertTrue(page.contains("<title>resumed after step 15</title>"));
    assertTrue(page.contains("in 2 sittings"));
    JsonObject loss = data(charts(page).get(0));
    assertEquals("18", loss.getAsJsonArray("steps").get(15).getAsString());
    assertEquals(16, loss.getAsJsonArray("steps").size());
  }

  @Test
  void page_ofARunThatHasJustBegun_hasItsSettings() throws Exception {
    try (TrainingLog log = TrainingLog.append(log())) {
      log.run(0, TrainSettings.preset("sudoku-4x4"), "a machine");
    }
    String page = page();
    assertEquals(0, charts(page).size());
    assertTrue(page.contains("<th scope=\"row\">hidden_size</th>"));
  }
}
