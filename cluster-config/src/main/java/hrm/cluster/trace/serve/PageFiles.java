package hrm.cluster.trace.serve;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import hrm.cluster.http.HttpAnswers;
import hrm.cluster.http.HttpRoute;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The trace page's files from the class path: {@code /}, {@code /page/NAME}, and of the WebJars
 * under {@code /lib/} those that the page needs. Browsers ask each time whether a file is still the
 * same.
 */
public final class PageFiles implements HttpRoute {
  /** Path under /lib/, then the WebJar's name and the file in it. */
  private record Library(String jar, String file) {}

  private static final Map<String, Library> LIBRARIES =
      Map.of("preact/preact.module.js", new Library("preact", "dist/preact.module.js"));

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=UTF-8",
          "js", "text/javascript; charset=UTF-8",
          "css", "text/css; charset=UTF-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon",
          "woff2", "font/woff2",
          "txt", "text/plain; charset=UTF-8");

  private record File(byte[] bytes, String type, String tag) {}

  private final ClassLoader classes;
  private final Map<String, File> files = new ConcurrentHashMap<>(); // only those that exist

  public PageFiles(ClassLoader classes) {
    this.classes = classes;
  }

  @Override
  public boolean has(List<String> path) {
    return resource(path).isPresent();
  }

  @Override
  public String method(List<String> path) {
    return "GET";
  }

  @Override
  public CompletionStage<HttpResponse> answer(List<String> path, HttpRequest request)
      throws IOException {
    String resource = resource(path).orElseThrow();
    File file = files.get(resource);
    if (file == null) {
      file = read(resource);
      files.put(resource, file);
    }
    String known = request.getHeader("If-None-Match").map(header -> header.value()).orElse("");
    HttpResponse response =
        known.contains(file.tag())
            ? HttpResponse.create().withStatus(304)
            : HttpAnswers.bytes(200, ContentTypes.parse(file.type()), file.bytes())
                .removeHeader("Cache-Control");
    return CompletableFuture.completedFuture(
        response
            .addHeader(HttpAnswers.header("Cache-Control", "no-cache"))
            .addHeader(HttpAnswers.header("ETag", file.tag())));
  }

  /** Names are plain, so that none leads out of the folder. */
  private Optional<String> resource(List<String> path) {
    if (path.isEmpty() || path.equals(List.of("")) || path.equals(List.of("index.html"))) {
      return Optional.of("hrm/page/index.html").filter(this::exists);
    }
    String name = String.join("/", path.subList(1, path.size()));
    Optional<String> resource = Optional.empty();
    if (path.get(0).equals("page") && path.size() == 2 && name.matches("[a-z0-9-]+\\.[a-z0-9]+")) {
      resource = Optional.of("hrm/page/" + name);
    } else if (path.get(0).equals("lib") && LIBRARIES.containsKey(name)) {
      resource = library(LIBRARIES.get(name));
    }
    return resource.filter(r -> TYPES.containsKey(ending(r))).filter(this::exists);
  }

  /** A WebJar says its version itself. */
  private Optional<String> library(Library library) {
    String about = "META-INF/maven/org.webjars.npm/%s/pom.properties".formatted(library.jar());
    try (InputStream in = classes.getResourceAsStream(about)) {
      if (in == null) {
        return Optional.empty();
      }
      Properties properties = new Properties();
      properties.load(in);
      return Optional.of(
          "META-INF/resources/webjars/%s/%s/%s"
              .formatted(library.jar(), properties.getProperty("version"), library.file()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private boolean exists(String resource) {
    return files.containsKey(resource) || classes.getResource(resource) != null;
  }

  private static String ending(String resource) {
    return resource.substring(resource.lastIndexOf('.') + 1);
  }

  private File read(String resource) throws IOException {
    try (InputStream in = classes.getResourceAsStream(resource)) {
      byte[] bytes = in.readAllBytes();
      String tag = "\"" + HexFormat.of().formatHex(sha256(bytes), 0, 12) + "\"";
      return new File(bytes, TYPES.get(ending(resource)), tag);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
