package hrm.cluster.trace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in to the trace API and the page, and what of the page is there to be had. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TraceAccessIT {
  @TempDir Path classes;
  @RegisterExtension final TraceServer server = new TraceServer(() -> classes);

  @Test
  void everyAnswer_hasTheSecurityHeaders() throws Exception {
    for (String path : List.of("/", "/api/jobs", "/nowhere", "/page/main.js", "/api/jobs/absent")) {
      var headers = server.get(path).headers();
      String policy = headers.firstValue("Content-Security-Policy").orElse("");
      assertTrue(policy.contains("default-src 'none'"), path + ": " + policy);
      assertTrue(policy.contains("frame-ancestors 'none'"), policy);
      assertFalse(policy.contains("unsafe"), policy);
      assertFalse(policy.contains("http"), policy);
      assertEquals("nosniff", headers.firstValue("X-Content-Type-Options").orElse(""));
      assertEquals("no-referrer", headers.firstValue("Referrer-Policy").orElse(""));
      assertTrue(headers.firstValue("Server").isEmpty());
    }
  }

  @Test
  void pageFiles_areThoseAndNoOthers() throws Exception {
    HttpResponse<String> page = server.get("/");
    assertTrue(page.headers().firstValue("Content-Type").orElse("").startsWith("text/html"));
    assertEquals("no-cache", page.headers().firstValue("Cache-Control").orElse(""));
    String tag = page.headers().firstValue("ETag").orElseThrow();
    assertEquals(304, server.get("/", "If-None-Match", tag).statusCode());
    assertTrue(
        server
            .get("/page/main.js")
            .headers()
            .firstValue("Content-Type")
            .orElse("")
            .startsWith("text/javascript"));
    assertEquals("export const b = 2;", server.get("/lib/preact/preact.module.js").body());
    for (String path :
        List.of(
            "/page/secret.conf",
            "/page/absent.js",
            "/page/..%2f..%2foutside.js",
            "/lib/preact/package.json",
            "/lib/preact/1.2.3/package.json",
            "/application.conf",
            "/page/..%2f..%2fapplication.conf",
            "/page/%2e%2e/secret.conf")) {
      assertEquals(404, server.get(path).statusCode(), path);
    }
  }

  @Test
  void token_opensByHeaderOrOnceByAddress() throws Exception {
    server.open("hunter2-long-enough");
    for (String path : List.of("/", "/api/jobs", "/api/stream", "/page/main.js", "/?token=wrong")) {
      assertEquals(401, server.get(path).statusCode(), path);
    }
    assertEquals(
        200, server.get("/api/jobs", "Authorization", "Bearer hunter2-long-enough").statusCode());
    HttpResponse<String> welcome = server.get("/?token=hunter2-long-enough");
    assertEquals(303, welcome.statusCode());
    assertEquals("/", welcome.headers().firstValue("Location").orElse(""));
    String cookie = welcome.headers().firstValue("Set-Cookie").orElseThrow();
    assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
    assertFalse(cookie.contains("hunter2-long-enough"), cookie);
    String pair = cookie.substring(0, cookie.indexOf(';'));
    assertEquals(200, server.get("/api/jobs", "Cookie", "a=b; " + pair).statusCode());
    assertEquals(401, server.get("/api/jobs", "Cookie", pair.replaceAll(".$", "x")).statusCode());
  }

  @Test
  void hostOfElsewhere_isRefusedOnLoopback() throws Exception {
    for (String host : List.of("evil.example", "evil.example:80", "127.0.0.1.evil.example")) {
      String answer =
          server.raw("GET /api/jobs HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
      assertTrue(answer.startsWith("HTTP/1.1 403"), answer);
      assertFalse(answer.contains("good"), answer);
    }
    for (String host : List.of("localhost:1234", "127.0.0.1", "[::1]:9")) {
      String answer =
          server.raw("GET /api/jobs HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
      assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
    }
  }
}
