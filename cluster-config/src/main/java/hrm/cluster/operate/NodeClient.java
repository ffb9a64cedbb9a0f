package hrm.cluster.operate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.ProtoJson;
import hrm.cluster.settings.HttpSettings;
import hrm.cluster.settings.NodeSettings;
import hrm.proto.ClusterReport;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/** Asks a node over HTTP, as {@code hrm status} and {@code hrm drain} do. */
public final class NodeClient {
  public static final String DEFAULT = "127.0.0.1:" + HttpSettings.FIRST_PORT;

  /** Nobody listens there. */
  static final class Silent extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Silent(String message) {
      super(message);
    }
  }

  private static final int CONNECT_MILLIS = 2_000;
  private static final int READ_MILLIS = 10_000;

  private final String address;
  private final String token;

  /**
   * @param node HOST:PORT of its HTTP endpoint; null for {@link #DEFAULT}
   */
  public NodeClient(String node, String token) {
    address = node == null ? DEFAULT : node;
    this.token = token;
    if (!address.matches("([^\\s/:]+|\\[[0-9a-fA-F:]+\\]):" + NodeSettings.PORT)) {
      throw CommandException.wrongInput(
          "--node %s: use HOST:PORT, as the node's ready line has it after http="
              .formatted(address));
    }
  }

  /** With the token of this machine's settings. */
  static NodeClient of(String node) {
    return new NodeClient(node, new ConfigOptions().load().getString("hrm.http.token"));
  }

  /** The cluster as the node sees it. */
  public ClusterReport cluster() {
    return ProtoJson.cluster(ask("GET", "/cluster").toString());
  }

  /**
   * Tells a node of the cluster to leave.
   *
   * @throws CommandException when there is no such node, or it cannot leave now
   */
  public JsonObject drain(String name) {
    return ask("POST", "/drain?node=" + URLEncoder.encode(name, StandardCharsets.UTF_8));
  }

  private JsonObject ask(String method, String path) {
    HttpURLConnection connection = null;
    try {
      connection =
          (HttpURLConnection) URI.create("http://" + address + path).toURL().openConnection();
      connection.setRequestMethod(method);
      connection.setConnectTimeout(CONNECT_MILLIS);
      connection.setReadTimeout(READ_MILLIS);
      if (!token.isEmpty()) {
        connection.setRequestProperty("Authorization", "Bearer " + token);
      }
      int code = connection.getResponseCode();
      InputStream body = code < 400 ? connection.getInputStream() : connection.getErrorStream();
      String text = body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8);
      return check(code, text);
    } catch (UnknownHostException e) {
      throw CommandException.wrongInput("--node %s: there is no such host".formatted(address));
    } catch (IOException e) {
      throw new Silent(
          "no node answers at %s (%s); start one with hrm node or hrm cluster, or name another by --node HOST:PORT: a node's ready line has it after http="
              .formatted(address, e.getMessage()));
    } finally {
      if (connection != null) {
        connection.disconnect();
      }
    }
  }

  private JsonObject check(int code, String text) {
    JsonObject json;
    try {
      json = JsonParser.parseString(text).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw CommandException.failed(
          "what answers at %s is no hrm node (HTTP %d); a node's ready line has its address after http="
              .formatted(address, code));
    }
    if (code == 401) {
      throw CommandException.failed(
          "the node at %s asks for its token: set HRM_HTTP_TOKEN to what its hrm.http.token is"
              .formatted(address));
    }
    if (code != 200) {
      JsonElement error = json.get("error");
      throw CommandException.failed(
          error == null ? "%s: HTTP %d".formatted(address, code) : error.getAsString());
    }
    return json;
  }
}
