package hrm.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Dashboard, alerts and scrape configuration, read strictly; what they ask for is MetricsIT's. */
class MonitoringTest {
  record Source(String type, String uid) {}

  record Target(String refId, Source datasource, String expr, String legendFormat, String format) {}

  record Place(int h, int w, int x, int y) {}

  record FieldConfig(Map<String, Object> defaults, List<Object> overrides) {}

  record Panel(
      int id,
      String type,
      String title,
      String description,
      Source datasource,
      Place gridPos,
      FieldConfig fieldConfig,
      List<Target> targets,
      Boolean collapsed,
      List<Panel> panels) {}

  record Variable(
      String name,
      String label,
      String type,
      Source datasource,
      String query,
      int refresh,
      boolean includeAll,
      boolean multi,
      int sort,
      Map<String, String> current) {}

  record Templating(List<Variable> list) {}

  record Dashboard(
      String uid,
      String title,
      String description,
      List<String> tags,
      int schemaVersion,
      int version,
      boolean editable,
      String refresh,
      String timezone,
      Map<String, String> time,
      Templating templating,
      List<Panel> panels) {}

  record Rule(
      String alert,
      String expr,
      @com.fasterxml.jackson.annotation.JsonProperty("for") String lasting,
      Map<String, String> labels,
      Map<String, String> annotations) {}

  record Group(String name, List<Rule> rules) {}

  record Alerts(List<Group> groups) {}

  @Test
  void dashboard_parses_andItsPanelsDoNotOverlap() throws IOException {
    Dashboard dashboard =
        Yaml.STRICT_JSON.readValue(
            Path.of("grafana/dashboards/hrm.json").toFile(), Dashboard.class);
    Set<Integer> ids = new HashSet<>();
    Set<List<Integer>> cells = new HashSet<>();
    for (Panel panel : dashboard.panels()) {
      assertTrue(ids.add(panel.id()), "panel " + panel.id());
      Place place = panel.gridPos();
      assertTrue(place.x() + place.w() <= 24, panel.title());
      for (int x = place.x(); x < place.x() + place.w(); x++) {
        for (int y = place.y(); y < place.y() + place.h(); y++) {
          assertTrue(cells.add(List.of(x, y)), panel.title() + " overlaps");
        }
      }
      if (!panel.type().equals("row")) {
        assertTrue(!panel.targets().isEmpty(), panel.title());
        assertTrue(
            panel.targets().stream().allMatch(t -> t.datasource().uid().equals("prometheus")));
      }
    }
  }

  @Test
  void alerts_parse_andEachIsExplainedToTheOperator() throws IOException {
    Alerts alerts = Yaml.STRICT.readValue(Path.of("prometheus/alerts.yml").toFile(), Alerts.class);
    String page = Files.readString(Path.of("OPERATIONS.md"));
    Set<String> names = new HashSet<>();
    for (Rule rule : alerts.groups().get(0).rules()) {
      assertTrue(names.add(rule.alert()));
      assertTrue(rule.labels().get("severity").matches("warning|critical"), rule.alert());
      assertTrue(rule.annotations().containsKey("summary"), rule.alert());
      assertTrue(
          page.contains("`" + rule.alert() + "`"), rule.alert() + " is not in OPERATIONS.md");
      assertTrue(rule.lasting() == null || rule.lasting().matches("[0-9]+[smh]"));
    }
  }

  @Test
  void prometheus_scrapesEveryNodeOfTheComposeFile_withTheToken() throws IOException {
    var config = Yaml.STRICT.readTree(Path.of("prometheus/prometheus.yml").toFile());
    var job = config.at("/scrape_configs/0");
    assertEquals("/run/secrets/hrm-token", job.at("/authorization/credentials_file").asText());
    assertEquals(
        "[\"node-1:8558\",\"node-2:8558\",\"node-3:8558\"]",
        job.at("/static_configs/0/targets").toString());
    assertTrue(Files.exists(Path.of("prometheus").resolve(config.at("/rule_files/0").asText())));
  }
}
