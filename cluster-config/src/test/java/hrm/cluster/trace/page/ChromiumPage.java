package hrm.cluster.trace.page;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** One page of {@link Chromium}: what a person would do with it, and what it complained about. */
final class ChromiumPage implements AutoCloseable {
  private static final Map<String, Integer> CODES =
      Map.of(
          "ArrowLeft",
          37,
          "ArrowRight",
          39,
          "Home",
          36,
          "End",
          35,
          "PageUp",
          33,
          "PageDown",
          34,
          "Enter",
          13,
          "Escape",
          27,
          "Tab",
          9);

  /** Runs in the page before its own scripts. */
  private static final String WATCH =
      """
      window.violations = [];
      addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective + ' ' + e.blockedURI));
      window.until = (holds, what) => new Promise((resolve, reject) => {
        const end = performance.now() + 20000;
        const look = () => {
          let value;
          try { value = holds(); } catch (failure) { value = false; }
          if (value) resolve(value);
          else if (performance.now() > end) reject(new Error('never came: ' + what));
          else requestAnimationFrame(look);
        };
        painted().then(look); // what the page has begun to draw is drawn
      });
      window.painted = () => new Promise((resolve) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = resolve;
        channel.port2.postMessage(0);
      }));
      window.millisOf = async (act) => { const start = performance.now(); act(); await painted(); return performance.now() - start; };
      """;

  private final DevTools tools;
  private final String session;
  private final String context;
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

  ChromiumPage(
      DevTools tools, String session, String context, String url, int w, int h, String scheme) {
    this.tools = tools;
    this.session = session;
    this.context = context;
    tools.listen(session, this::heard);
    for (String domain : List.of("Page", "Runtime", "Log")) {
      call(domain + ".enable", "{}");
    }
    metrics(w, h);
    call(
        "Emulation.setEmulatedMedia",
        "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"%s\"}]}".formatted(scheme));
    JsonObject watch = new JsonObject();
    watch.addProperty("source", WATCH);
    tools.call(session, "Page.addScriptToEvaluateOnNewDocument", watch);
    JsonObject address = new JsonObject();
    address.addProperty("url", url);
    load("Page.navigate", address);
  }

  private JsonObject call(String method, String params) {
    return tools.call(session, method, new Gson().fromJson(params, JsonObject.class));
  }

  private void metrics(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        "{\"width\":%d,\"height\":%d,\"deviceScaleFactor\":1,\"mobile\":false}"
            .formatted(width, height));
  }

  /** Makes the window so wide and high; what measures itself has drawn itself anew. */
  void resize(int width, int height) {
    metrics(width, height);
    until("innerWidth === " + width);
    evaluate("painted().then(painted).then(painted).then(() => true)");
  }

  /** Loads the page again; what was there before is gone when this returns. */
  void reload() {
    load("Page.reload", new JsonObject());
  }

  /** What is asked of a page while it is being left is refused, so this waits for the event. */
  private void load(String method, JsonObject params) {
    loaded = new CompletableFuture<>();
    tools.call(session, method, params);
    loaded.orTimeout(20, TimeUnit.SECONDS).join();
    until("document.querySelector('main')");
  }

  private void heard(JsonObject event) {
    JsonObject params = event.getAsJsonObject("params");
    switch (event.get("method").getAsString()) {
      case "Runtime.exceptionThrown" -> complaints.add(params.toString());
      case "Log.entryAdded" -> {
        JsonObject entry = params.getAsJsonObject("entry");
        if ("error".equals(entry.get("level").getAsString())) {
          complaints.add(entry.toString());
        }
      }
      case "Runtime.consoleAPICalled" -> {
        if ("error".equals(params.get("type").getAsString())) {
          complaints.add(params.toString());
        }
      }
      case "Page.loadEventFired" -> loaded.complete(null);
      case "Page.javascriptDialogOpening" -> complaints.add("dialog: " + params);
      default -> {}
    }
  }

  /** Errors of the console, uncaught exceptions, dialogs and violations of the security policy. */
  List<String> complaints() {
    JsonArray violations = evaluate("violations").getAsJsonArray();
    violations.forEach(v -> complaints.add("security policy: " + v.getAsString()));
    return complaints;
  }

  /** The value of an expression, after it settled if it is a promise. */
  JsonElement evaluate(String expression) {
    JsonObject params = new JsonObject();
    params.addProperty("expression", expression);
    params.addProperty("awaitPromise", true);
    params.addProperty("returnByValue", true);
    JsonObject answer = tools.call(session, "Runtime.evaluate", params);
    if (answer.has("exceptionDetails")) {
      throw new AssertionError(answer.get("exceptionDetails").toString());
    }
    JsonElement value = answer.getAsJsonObject("result").get("value");
    return value == null ? JsonNull.INSTANCE : value;
  }

  String text(String selector) {
    return evaluate("document.querySelector(%s).textContent".formatted(quoted(selector)))
        .getAsString();
  }

  int number(String expression) {
    return evaluate(expression).getAsInt();
  }

  /** Waits until an expression is true, frame by frame. */
  void until(String expression) {
    evaluate("until(() => (%s), %s).then(() => true)".formatted(expression, quoted(expression)));
  }

  void click(String selector) {
    evaluate("document.querySelector(%s).click()".formatted(quoted(selector)));
    evaluate("painted().then(() => true)");
  }

  /** Keys as the keyboard would send them, one after the other. */
  void press(String... keys) {
    for (String key : keys) {
      for (String type : List.of("keyDown", "keyUp")) {
        JsonObject event = new JsonObject();
        event.addProperty("type", type);
        event.addProperty("key", key);
        if (key.length() == 1 && type.equals("keyDown")) {
          event.addProperty("text", key);
        }
        if (key.equals("Enter") && type.equals("keyDown")) {
          event.addProperty("text", "\r");
        }
        event.addProperty(
            "windowsVirtualKeyCode",
            CODES.getOrDefault(key, (int) Character.toUpperCase(key.charAt(0))));
        tools.call(session, "Input.dispatchKeyEvent", event);
      }
    }
    evaluate("painted().then(() => true)");
  }

  void type(String text) {
    JsonObject params = new JsonObject();
    params.addProperty("text", text);
    tools.call(session, "Input.insertText", params);
    evaluate("painted().then(() => true)");
  }

  /** Presses the mouse at one point of an element, and lets it go at another; shares of its box. */
  void drag(String selector, double fromX, double fromY, double toX, double toY) {
    JsonObject box =
        evaluate(
                "document.querySelector(%s).getBoundingClientRect().toJSON()"
                    .formatted(quoted(selector)))
            .getAsJsonObject();
    mouse("mousePressed", box, fromX, fromY);
    mouse("mouseMoved", box, (fromX + toX) / 2, (fromY + toY) / 2);
    mouse("mouseMoved", box, toX, toY);
    mouse("mouseReleased", box, toX, toY);
    evaluate("painted().then(() => true)");
  }

  private void mouse(String type, JsonObject box, double x, double y) {
    JsonObject event = new JsonObject();
    event.addProperty("type", type);
    event.addProperty("x", box.get("x").getAsDouble() + x * box.get("width").getAsDouble());
    event.addProperty("y", box.get("y").getAsDouble() + y * box.get("height").getAsDouble());
    event.addProperty("button", "left");
    event.addProperty("buttons", 1);
    event.addProperty("clickCount", 1);
    tools.call(session, "Input.dispatchMouseEvent", event);
  }

  void screenshot(Path file) throws IOException {
    JsonObject answer = call("Page.captureScreenshot", "{\"format\":\"png\"}");
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(answer.get("data").getAsString()));
  }

  static String quoted(String text) {
    return new Gson().toJson(text);
  }

  @Override
  public void close() {
    JsonObject params = new JsonObject();
    params.addProperty("browserContextId", context);
    tools.call("", "Target.disposeBrowserContext", params);
  }
}
