package hrm.cluster.trace.page;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** The event streams of {@link PageStub}, by job; the list's has the empty id. */
final class StubStreams implements AutoCloseable {
  private final Map<String, List<HttpExchange>> followers = new ConcurrentHashMap<>();
  private final Map<String, Integer> refusing = new ConcurrentHashMap<>();
  private final Map<String, Integer> refused = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  void answer(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    String id =
        query == null
            ? ""
            : URLDecoder.decode(query.substring("job=".length()), StandardCharsets.UTF_8);
    Integer code = refusing.get(id);
    if (code != null) {
      exchange.sendResponseHeaders(code, -1);
      exchange.close();
      refused.merge(id, 1, Integer::sum);
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    synchronized (exchange) { // the page may ask for an event as soon as it has the headers
      followers.computeIfAbsent(id, any -> new CopyOnWriteArrayList<>()).add(exchange);
      exchange.sendResponseHeaders(200, 0);
      write(exchange, ": here\n\n");
    }
    await(closed);
  }

  private static void write(HttpExchange exchange, String text) throws IOException {
    exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
    exchange.getResponseBody().flush();
  }

  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many follow this job. */
  int count(String id) {
    return followers.getOrDefault(id, List.of()).size();
  }

  /** To everyone who follows this job. */
  void send(String id, String event, JsonObject data) {
    each(id, stream -> write(stream, "event: %s\ndata: %s\n\n".formatted(event, data)));
  }

  /** Ends this job's streams, and answers with this code to whoever comes. */
  void refuse(String id, int code) {
    refusing.put(id, code);
    each(
        id,
        stream -> {
          write(stream, "retry: 20\n\n");
          stream.getResponseBody().close();
          followers.get(id).remove(stream);
        });
  }

  /** How many were refused. */
  int refused(String id) {
    return refused.getOrDefault(id, 0);
  }

  /** Streams of this job are opened again. */
  void accept(String id) {
    refusing.remove(id);
  }

  private interface Act {
    void on(HttpExchange stream) throws IOException;
  }

  private void each(String id, Act act) {
    List<HttpExchange> all = followers.getOrDefault(id, List.of());
    for (HttpExchange stream : all) {
      try {
        synchronized (stream) {
          act.on(stream);
        }
      } catch (IOException e) {
        all.remove(stream); // that page is closed
      }
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
