package hrm.cluster.node;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** One reading of a node's metrics: value by series. */
record Scrape(Map<String, Double> values) {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  static HttpResponse<String> get(String address, String path, String token)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + address + path));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  static Scrape of(String address) throws IOException, InterruptedException {
    Map<String, Double> values = new LinkedHashMap<>();
    get(address, "/metrics", "")
        .body()
        .lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              values.put(
                  line.substring(0, space),
                  Double.valueOf(line.substring(space + 1).replace("+Inf", "Infinity")));
            });
    return new Scrape(values);
  }

  private static String name(String series) {
    return series.replaceAll("\\{.*", "");
  }

  Set<String> names() {
    Set<String> names = new TreeSet<>();
    values.keySet().forEach(series -> names.add(name(series)));
    return names;
  }

  /** Over all series of that name; 0 where there is none. */
  double sum(String name) {
    return values.entrySet().stream()
        .filter(e -> name(e.getKey()).equals(name))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }
}
