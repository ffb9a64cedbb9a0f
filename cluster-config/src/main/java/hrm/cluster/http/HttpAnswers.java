package hrm.cluster.http;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import com.google.gson.JsonObject;
import hrm.cluster.cli.Json;
import java.nio.charset.StandardCharsets;

/** Answers in JSON, which nobody keeps. */
public final class HttpAnswers {
  private HttpAnswers() {}

  public static HttpResponse json(int code, JsonObject body) {
    return bytes(
        code, ContentTypes.APPLICATION_JSON, Json.line(body).getBytes(StandardCharsets.UTF_8));
  }

  public static HttpResponse json(JsonObject body) {
    return json(200, body);
  }

  /**
   * @param message what, where, what to do
   */
  public static HttpResponse error(int code, String message) {
    JsonObject body = new JsonObject();
    body.addProperty("error", message);
    return json(code, body);
  }

  public static HttpResponse bytes(int code, ContentType type, byte[] body) {
    return HttpResponse.create()
        .withStatus(code)
        .withEntity(HttpEntities.create(type, body))
        .addHeader(header("Cache-Control", "no-store"));
  }

  /** With a name for the file that a browser makes of it. */
  public static HttpResponse download(HttpResponse response, String file) {
    return response.addHeader(
        header("Content-Disposition", "attachment; filename=\"%s\"".formatted(file)));
  }

  public static HttpHeader header(String name, String value) {
    return RawHeader.create(name, value);
  }
}
