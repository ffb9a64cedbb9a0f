package hrm.cluster.trace.serve;

import hrm.cluster.cli.CommandException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;

/** Sends spans to an OpenTelemetry collector over OTLP/HTTP. For one thread. */
final class OtlpSender {
  /** What the specification says may be tried again. */
  private static final Set<Integer> AGAIN = Set.of(429, 502, 503, 504);

  private final URI endpoint;
  private final Duration timeout;
  private final HttpClient client;

  OtlpSender(URI endpoint, Duration timeout) {
    this.endpoint = endpoint;
    this.timeout = timeout;
    client = HttpClient.newBuilder().connectTimeout(timeout).build();
  }

  /** Not sent: {@code again} says whether trying later may help. */
  static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;

    final boolean again;

    Failed(String message, boolean again) {
      super(message);
      this.again = again;
    }
  }

  void send(ExportTraceServiceRequest spans) throws Failed, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(endpoint)
            .timeout(timeout)
            .header("Content-Type", "application/x-protobuf")
            .POST(HttpRequest.BodyPublishers.ofByteArray(spans.toByteArray()))
            .build();
    try {
      int code = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      if (code / 100 != 2) {
        throw new Failed("%s answered HTTP %d".formatted(endpoint, code), AGAIN.contains(code));
      }
    } catch (IOException e) {
      throw new Failed("%s: %s".formatted(endpoint, CommandException.reason(e)), true);
    }
  }
}
