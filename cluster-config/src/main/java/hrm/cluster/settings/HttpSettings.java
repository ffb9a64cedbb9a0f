package hrm.cluster.settings;

import com.typesafe.config.Config;
import hrm.cluster.cli.Allowed;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * What {@code hrm.http} says; every key is explained in node.conf.
 *
 * @param port auto, off, or a number; 0 for any free one
 */
public record HttpSettings(String host, String port, String token) {
  public static final int FIRST_PORT = 8558;

  public HttpSettings {
    Allowed.require(
        port.matches("auto|off|" + NodeSettings.PORT),
        "hrm.http.port (HRM_HTTP_PORT)",
        port,
        "auto, off, or a port from 0 to 65535");
    if (!token.isEmpty() && !token.matches("[!-~]{8,512}")) {
      throw new IllegalArgumentException(
          "hrm.http.token (HRM_HTTP_TOKEN): must be 8 to 512 visible ASCII characters without"
              + " spaces");
    }
    if (!port.equals("off") && token.isEmpty() && !isLoopback(host)) {
      throw new IllegalArgumentException(
          "hrm.http.host (HRM_HTTP_HOST) = %s can be reached from elsewhere, where anybody could drain nodes; set hrm.http.token (HRM_HTTP_TOKEN), or use 127.0.0.1"
              .formatted(host));
    }
  }

  static HttpSettings from(Config root) {
    Config config = root.getConfig("hrm.http");
    return new HttpSettings(
        config.getString("host"), config.getString("port"), config.getString("token"));
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "hrm.http.host (HRM_HTTP_HOST) = %s: there is no such host".formatted(host));
    }
  }

  /** Whether only this machine reaches it. */
  public boolean onLoopback() {
    return isLoopback(host);
  }

  public boolean off() {
    return port.equals("off");
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "HttpSettings[host=%s, port=%s, token=%s]"
        .formatted(host, port, token.isEmpty() ? "" : "(set)");
  }
}
