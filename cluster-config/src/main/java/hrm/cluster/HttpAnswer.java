package hrm.cluster;

import com.google.gson.JsonObject;

/** What an HTTP route says, whichever server carries it. */
record HttpAnswer(int status, String contentType, String body) {
  static HttpAnswer json(int status, JsonObject body) {
    return new HttpAnswer(status, "application/json", Json.line(body));
  }
}
