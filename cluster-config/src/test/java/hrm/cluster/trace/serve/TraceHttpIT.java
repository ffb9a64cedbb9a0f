package hrm.cluster.trace.serve;

import static hrm.cluster.trace.serve.TraceServer.EVIL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.cluster.trace.SyntheticTrace;
import hrm.cluster.trace.TraceExport;
import hrm.model.Backends;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.LowLevel;
import hrm.model.puzzle.Sudoku;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The trace API: jobs, one trace, its exports, and tensors. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TraceHttpIT {
  @TempDir Path classes;
  @RegisterExtension final TraceServer server = new TraceServer(() -> classes);

  private static String encoded(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Test
  void jobsAndTraces_areTheApis() throws Exception {
    JsonObject jobs = server.json("/api/jobs?limit=10");
    assertEquals(2, jobs.getAsJsonArray("jobs").size());
    assertEquals(2, jobs.get("total").getAsInt());
    assertEquals(1, server.json("/api/jobs?limit=1").getAsJsonArray("jobs").size());
    JsonObject trace = server.json("/api/jobs/good");
    assertEquals(4, trace.getAsJsonArray("cycles").size());
    assertEquals("VERIFIED", trace.getAsJsonObject("job").get("reason").getAsString());
    assertEquals(1, server.json("/api/jobs/good?attempt=1").get("attempt").getAsInt());
    assertEquals(404, server.get("/api/jobs/good?attempt=9").statusCode());
    assertEquals(400, server.get("/api/jobs/good?attempt=x").statusCode());
    assertEquals(404, server.get("/api/jobs/absent").statusCode());
    assertEquals(404, server.get("/api/jobs/absent/events").statusCode());
    assertEquals(404, server.get("/api/nothing").statusCode());
    assertEquals(
        "m",
        server
            .json("/api/about")
            .getAsJsonArray("models")
            .get(0)
            .getAsJsonObject()
            .get("name")
            .getAsString());
    assertEquals(
        server.traces.events.get("good").size(),
        server.get("/api/jobs/good/events").body().lines().count());
    for (TraceExport form : TraceExport.values()) {
      HttpResponse<String> export = server.get("/api/jobs/good/export?format=" + form);
      assertEquals(200, export.statusCode());
      assertTrue(
          export.headers().firstValue("Content-Disposition").orElse("").startsWith("attachment"));
    }
    assertEquals(400, server.get("/api/jobs/good/export?format=exe").statusCode());
  }

  @Test
  void hostileIds_areFoundAndStayJson() throws Exception {
    HttpResponse<String> response = server.get("/api/jobs/" + encoded(EVIL));
    assertEquals(200, response.statusCode(), response.body());
    assertEquals("application/json", response.headers().firstValue("Content-Type").orElse(""));
    JsonObject job =
        JsonParser.parseString(response.body()).getAsJsonObject().getAsJsonObject("job");
    assertEquals(EVIL, job.get("id").getAsString());
    for (String id : List.of("%00", "%0d%0aSet-Cookie:%20a=b", "..%2f..%2fetc", "%ff%fe")) {
      String answer =
          server.raw(
              "GET /api/jobs/" + id + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      assertTrue(answer.matches("(?s)HTTP/1.1 40[04] .*"), answer);
      assertFalse(answer.contains("Set-Cookie: a"), answer);
    }
    String longest =
        server.raw(
            "GET /api/jobs/"
                + "a".repeat(20_000)
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assertTrue(longest.startsWith("HTTP/1.1 414"), longest);
  }

  @Test
  void tensor_isWhatTheSequentialFunctionHolds() throws Exception {
    try (HighLevel high = TraceServer.MODEL.highLevel(Backends.named("reference", 1));
        LowLevel low = TraceServer.MODEL.lowLevel(Backends.named("reference", 1))) {
      int[] tokens = Sudoku.SIZE_4.parse(SyntheticTrace.PUZZLE);
      HiddenState inputs = high.embed(new int[][] {tokens}, new int[] {0});
      Carry carry = high.seat(null, new int[] {-1});
      HiddenState injection = high.inputInjection(carry.zH(), inputs);
      assertTensor(injection, "segment=1&cycle=1&tick=0&state=inputInjection");
      assertTensor(carry.zL(), "segment=1&cycle=1&tick=0&state=zL");
      assertTensor(low.ticks(carry.zL(), injection, 1).zL(), "segment=1&cycle=1&tick=1&state=zL");
      Hrm hrm = new Hrm(high, low, TraceServer.MODEL.config());
      Carry first = hrm.segment(carry, inputs).carry();
      assertTensor(first.zL(), "segment=2&cycle=1&tick=0&state=zL");
      assertTensor(first.zH(), "segment=1&cycle=2&state=zH");
      assertTensor(hrm.segment(first, inputs).carry().zL(), "segment=2&cycle=2&state=zL");
    }
  }

  private void assertTensor(HiddenState expected, String query) throws Exception {
    HttpResponse<byte[]> response =
        server.get(BodyHandlers.ofByteArray(), "/api/jobs/good/tensor?" + query);
    assertEquals(200, response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
    ByteBuffer npy = ByteBuffer.wrap(response.body()).order(ByteOrder.LITTLE_ENDIAN);
    String header = new String(response.body(), 10, npy.getShort(8), StandardCharsets.ISO_8859_1);
    assertTrue(header.contains("'shape': (16, 32)") && header.contains("'<f4'"), header);
    float[] got = new float[16 * 32];
    npy.position(10 + npy.getShort(8));
    npy.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(got);
    float[] values = new float[16 * 32];
    expected.read(values);
    assertArrayEquals(values, got, query);
  }

  @Test
  void tensor_thatCannotBeHad_isRefusedWithTheReason() throws Exception {
    String base = "/api/jobs/good/tensor?";
    assertEquals(400, server.get(base + "cycle=1").statusCode());
    assertEquals(400, server.get(base + "segment=1&cycle=3").statusCode());
    assertEquals(400, server.get(base + "segment=1&cycle=1&tick=3").statusCode());
    assertEquals(400, server.get(base + "segment=65&cycle=1").statusCode());
    assertEquals(400, server.get(base + "segment=1&cycle=1&state=zX").statusCode());
    server.models = List.of();
    HttpResponse<String> absent = server.get(base + "segment=1&cycle=1");
    assertEquals(409, absent.statusCode());
    assertTrue(absent.body().contains("hrm.model.path"), absent.body());
  }
}
