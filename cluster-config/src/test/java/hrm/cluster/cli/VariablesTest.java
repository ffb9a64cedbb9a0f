package hrm.cluster.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VariablesTest {
  private static Config with(String value) {
    return ConfigFactory.parseString("port = 7, port = ${?HRM_PORT}")
        .resolve(Variables.of(Map.of("HRM_PORT", value)));
  }

  @Test
  void variableThatIsSetToNothing_isNotSet() {
    assertEquals(7, with("").getInt("port"));
    assertEquals(8, with("8").getInt("port"));
  }

  @Test
  void variableOfAWrongType_isNamed() {
    var e = assertThrows(ConfigException.class, () -> with("eight").getInt("port"));
    assertTrue(e.getMessage().startsWith("HRM_PORT: "), e.getMessage());
  }
}
