package hrm.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/** The compose file against the schema of the Compose Specification (Apache-2.0). */
class ComposeTest {
  private static final Path FILE = Path.of("compose.yaml");
  private static Schema schema;
  private static JsonNode compose;

  @BeforeAll
  static void read() throws IOException {
    try (InputStream in = ComposeTest.class.getResourceAsStream("/compose-spec.json")) {
      schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
              .getSchema(
                  SchemaLocation.of("https://compose-spec.io/compose_spec.json"),
                  new String(in.readAllBytes(), StandardCharsets.UTF_8),
                  InputFormat.JSON);
    }
    // Merge keys, which compose files use, are YAML 1.1.
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    Object merged = new Yaml(options).load(Files.readString(FILE));
    compose = hrm.docker.Yaml.STRICT_JSON.valueToTree(merged);
  }

  private static List<String> errors(JsonNode document) {
    List<String> errors = new ArrayList<>();
    schema.validate(document).forEach(error -> errors.add(error.toString()));
    return errors;
  }

  @Test
  void theFileFollowsTheSpecification() {
    assertEquals(List.of(), errors(compose));
  }

  @Test
  void aKeyThatIsNotInTheSpecification_isAnError() {
    ObjectNode wrong = compose.deepCopy();
    ((ObjectNode) wrong.at("/services/node-1")).put("readonly", true);
    assertFalse(errors(wrong).isEmpty());
  }

  @Test
  void brokerThreeNodesPrometheusAndGrafana_withoutRightsAndWithReadOnlyRoots() {
    Set<String> names = new TreeSet<>();
    compose.get("services").properties().forEach(each -> names.add(each.getKey()));
    assertEquals(Set.of("kafka", "node-1", "node-2", "node-3", "prometheus", "grafana"), names);
    for (String name : List.of("node-1", "node-2", "node-3")) {
      JsonNode node = compose.get("services").get(name);
      assertTrue(node.get("read_only").asBoolean());
      assertEquals("3g", node.path("mem_limit").asText());
      assertEquals("ALL", node.get("cap_drop").get(0).asText());
      assertEquals(name, node.get("environment").get("HRM_HOST").asText());
      assertTrue(node.get("environment").get("HRM_SEEDS").asText().contains(name + ":2551"));
    }
  }

  @Test
  void noSecretIsWrittenDown_andNoPortLeavesThisMachine() {
    for (Map.Entry<String, JsonNode> each : compose.get("services").properties()) {
      JsonNode service = each.getValue();
      for (Map.Entry<String, JsonNode> variable : service.path("environment").properties()) {
        if (variable.getKey().matches(".*(TOKEN|PASSWORD|SECRET).*")) {
          assertTrue(variable.getValue().asText().startsWith("${"), variable.getKey());
        }
      }
      service.path("ports").forEach(port -> assertTrue(port.asText().startsWith("127.0.0.1:")));
    }
  }

  @Test
  void filesThatAreMounted_areThere() {
    for (String service : List.of("prometheus", "grafana")) {
      compose
          .get("services")
          .get(service)
          .get("volumes")
          .forEach(
              volume -> {
                String source = volume.asText().split(":")[0];
                if (source.startsWith("./")) {
                  assertTrue(Files.isDirectory(Path.of(source)), source);
                }
              });
    }
  }
}
