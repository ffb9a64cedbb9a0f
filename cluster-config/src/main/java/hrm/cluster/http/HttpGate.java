package hrm.cluster.http;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.HttpCookiePair;
import hrm.cluster.settings.HttpSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may ask, and what every answer says to browsers. On loopback the Host must be loopback, so
 * that a page elsewhere whose name resolves to this machine reads nothing; with a token it has to
 * be shown, in a header or in the cookie that {@code /?token=TOKEN} sets.
 */
final class HttpGate {
  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
              + " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "X-Frame-Options",
          "DENY",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cross-Origin-Resource-Policy",
          "same-origin");
  private static final List<HttpHeader> SECURITY =
      HEADERS.entrySet().stream()
          .map(entry -> HttpAnswers.header(entry.getKey(), entry.getValue()))
          .toList();

  private final HttpSettings settings;
  private final String cookie; // its name: nodes of one host do not overwrite each other's
  private final String pass; // its value

  HttpGate(HttpSettings settings, int port) {
    this.settings = settings;
    cookie = "hrm-pass-" + port;
    pass = pass(settings.token());
  }

  /**
   * Not the token itself, which may hold what a cookie may not, and which browsers need not keep.
   */
  private static String pass(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(("hrm cookie " + token).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /**
   * The answer to a request that goes no further.
   *
   * @param open whether it needs no token
   */
  Optional<HttpResponse> stop(HttpRequest request, boolean open) {
    String host = request.getUri().host().address();
    if (settings.onLoopback() && !host.isEmpty() && !isLoopback(host)) {
      return Optional.of(
          HttpAnswers.error(
              403, "this node answers on loopback only; open it as 127.0.0.1 or localhost"));
    }
    Optional<String> given = request.getUri().query().get("token");
    boolean root = request.getUri().path().equals("/");
    if (root && given.isPresent() && same(settings.token(), given.get())) {
      return Optional.of(welcome());
    }
    if (open || settings.token().isEmpty() || shown(request)) {
      return Optional.empty();
    }
    return Optional.of(
        HttpAnswers.error(
                401,
                "send the header Authorization: Bearer TOKEN, or open /?token=TOKEN once; see"
                    + " hrm.http.token")
            .addHeader(HttpAnswers.header("WWW-Authenticate", "Bearer")));
  }

  private boolean isLoopback(String host) {
    return host.equals(settings.host())
        || host.equalsIgnoreCase("localhost")
        || host.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}")
        || host.matches("\\[?(0{0,4}:){2,7}0{0,3}1]?");
  }

  /** To the page without the token in its address. */
  private HttpResponse welcome() {
    return HttpAnswers.error(303, "see /")
        .addHeader(HttpAnswers.header("Location", "/"))
        .addHeader(
            HttpAnswers.header(
                "Set-Cookie", "%s=%s; Path=/; HttpOnly; SameSite=Strict".formatted(cookie, pass)));
  }

  private boolean shown(HttpRequest request) {
    boolean inHeader =
        request
            .getHeader("Authorization")
            .map(header -> same("Bearer " + settings.token(), header.value()))
            .orElse(false);
    return inHeader || cookies(request).anyMatch(pair -> same(pass, pair.value()));
  }

  private java.util.stream.Stream<HttpCookiePair> cookies(HttpRequest request) {
    return request
        .getHeader(akka.http.javadsl.model.headers.Cookie.class)
        .map(
            header ->
                java.util.stream.StreamSupport.stream(header.getCookies().spliterator(), false))
        .orElse(java.util.stream.Stream.empty())
        .filter(pair -> pair.name().equals(cookie));
  }

  /** In a time that tells nothing about the secret. */
  private static boolean same(String secret, String given) {
    return !secret.isEmpty()
        && MessageDigest.isEqual(
            secret.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  static HttpResponse secured(HttpResponse response) {
    return response.addHeaders(SECURITY);
  }
}
