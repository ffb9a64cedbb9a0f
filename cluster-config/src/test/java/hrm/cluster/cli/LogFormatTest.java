package hrm.cluster.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LogFormatTest {
  @RegisterExtension final Printed err = Printed.onStderr();

  @Test
  void formatAndLevel_inAnyOrder() {
    assertEquals("text", LogFormat.of("format", ""));
    assertEquals("INFO", LogFormat.of("level", ""));
    assertEquals("json", LogFormat.of("format", "JSON"));
    assertEquals("INFO", LogFormat.of("level", "json"));
    assertEquals("json", LogFormat.of("format", "debug, json"));
    assertEquals("DEBUG", LogFormat.of("level", "debug, json"));
    assertEquals("WARN", LogFormat.of("level", "WARN"));
    assertEquals("INFO", LogFormat.of("level", "loud"));
  }

  @Test
  void json_isOneObjectALine_withJobAndTrace() throws Exception {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    try {
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(LogFormatTest.class.getResource("/logback-json-alone.xml"));
      context
          .getLogger("hrm.x")
          .atInfo()
          .addKeyValue("job_id", "a\"b")
          .addKeyValue("trace_id", "4bf9")
          .log("dead letter: {}\nline", "INVALID");
    } finally {
      context.stop();
    }
    // what actor systems of other tests still say is none of ours
    List<String> lines = err.text().lines().filter(l -> l.contains("dead letter")).toList();
    assertEquals(1, lines.size(), err.text());
    JsonObject object = JsonParser.parseString(lines.get(0)).getAsJsonObject();
    assertEquals("INFO", object.get("level").getAsString());
    assertEquals("dead letter: INVALID\nline", object.get("formattedMessage").getAsString());
    assertEquals(
        "[{\"job_id\":\"a\\\"b\"},{\"trace_id\":\"4bf9\"}]", object.get("kvpList").toString());
  }
}
