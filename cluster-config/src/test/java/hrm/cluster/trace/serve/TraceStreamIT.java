package hrm.cluster.trace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.cluster.trace.SyntheticTrace;
import hrm.gateway.JobSummary;
import hrm.gateway.JobSummary.State;
import hrm.proto.TraceEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What viewers of the trace page are told as it happens, by server-sent events. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TraceStreamIT {
  @TempDir Path classes;
  @RegisterExtension final TraceServer server = new TraceServer(() -> classes);

  /** A client of server-sent events that has no thread. */
  private final class Watcher implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    Watcher(String path) throws IOException {
      socket = server.connect();
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes());
      InputStream stream = socket.getInputStream();
      in = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    }

    /** The data of the next event of that name; null when the stream ends before. */
    JsonObject next(String event) throws IOException {
      boolean named = false;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (named && line.startsWith("data: ")) {
          return JsonParser.parseString(line.substring(6)).getAsJsonObject();
        }
        named = line.equals("event: " + event);
        if (line.equals("0")) { // the last chunk
          return null;
        }
      }
      return null;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void stream_tellsOfJobsAndStats() throws Exception {
    try (Watcher watcher = new Watcher("/api/stream")) {
      assertEquals(2, watcher.next("stats").get("total").getAsInt());
      server.traces.put("new", SyntheticTrace.solved("new").events(), State.RUNNING);
      assertEquals("new", watcher.next("job").get("id").getAsString());
    }
  }

  @Test
  void jobsStream_endsSomeTimeAfterItHasHalted() throws Exception {
    List<TraceEvent> all = SyntheticTrace.solved("live").events();
    server.traces.put("live", all.subList(0, 10), State.RUNNING);
    try (Watcher watcher = new Watcher("/api/stream?job=live")) {
      assertEquals(1, watcher.next("trace").getAsJsonArray("cycles").size());
      server.traces.put("live", all, State.HALTED);
      JsonObject trace = watcher.next("trace");
      assertEquals("halted", trace.getAsJsonObject("job").get("state").getAsString());
      assertEquals(4, trace.getAsJsonArray("cycles").size());
      assertEquals(null, watcher.next("trace"), "the stream has an end");
    }
    assertEquals(404, server.get("/api/stream?job=absent").statusCode());
    assertEquals(204, server.get("/api/stream?job=live", "Last-Event-ID", "3").statusCode());
  }

  /** Every other one watches a job; all have been told something. */
  private void addHundred(List<Watcher> watchers) throws IOException {
    int begin = watchers.size();
    for (int i = begin; i < begin + 100; i++) {
      watchers.add(new Watcher(i % 2 == 0 ? "/api/stream" : "/api/stream?job=good"));
    }
    for (int i = begin; i < begin + 100; i++) {
      assertFalse(watchers.get(i).next(i % 2 == 0 ? "stats" : "trace") == null);
    }
  }

  @Test
  void twoHundredViewers_needNoThreadEach() throws Exception {
    List<Watcher> watchers = new ArrayList<>();
    try {
      addHundred(watchers); // the server's pools have grown by then
      int before = Thread.activeCount();
      addHundred(watchers);
      assertTrue(
          Thread.activeCount() - before < 20,
          "threads: " + before + ", then " + Thread.activeCount());
      server.traces.put("new", SyntheticTrace.solved("new").events(), State.RUNNING);
      for (int i = 0; i < 200; i += 2) {
        assertEquals("new", watchers.get(i).next("job").get("id").getAsString());
      }
    } finally {
      for (Watcher watcher : watchers) {
        watcher.close();
      }
    }
  }

  @Test
  void slowViewer_isLeftBehind_theOthersAreNot() throws Exception {
    try (Watcher slow = new Watcher("/api/stream");
        Watcher quick = new Watcher("/api/stream")) {
      slow.next("stats");
      quick.next("stats");
      String fat = "x".repeat(4_000_000); // more than sockets buffer, each tick
      for (int i = 0; server.viewers() == 2; i++) {
        assertTrue(i < 200, "it is still fed");
        JobSummary job = SyntheticTrace.summary(fat + i, State.RUNNING, 1);
        server.traces.listeners.forEach(listener -> listener.changed(job));
        assertEquals(job.id(), quick.next("job").get("id").getAsString());
      }
      assertEquals(1, server.viewers());
    }
  }
}
