package hrm.cluster.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What is printed on stdout or on stderr: as an extension during each test, or during a task. */
public final class Printed implements BeforeEachCallback, AfterEachCallback {
  private final PrintStream usual;
  private final Consumer<PrintStream> use;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private Printed(PrintStream usual, Consumer<PrintStream> use) {
    this.usual = usual;
    this.use = use;
  }

  public static Printed onStdout() {
    return new Printed(System.out, System::setOut);
  }

  public static Printed onStderr() {
    return new Printed(System.err, System::setErr);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    listen();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    use.accept(usual);
  }

  private void listen() {
    use.accept(new PrintStream(bytes, true, StandardCharsets.UTF_8));
  }

  /** What the task prints. */
  public String during(Runnable task) {
    listen();
    try {
      task.run();
    } finally {
      use.accept(usual);
    }
    return text();
  }

  public String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  public JsonObject json() {
    return JsonParser.parseString(text()).getAsJsonObject();
  }

  /** Forgets what was printed so far. */
  public void clear() {
    bytes.reset();
  }
}
