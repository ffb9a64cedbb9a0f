package hrm.cluster.settings;

import com.typesafe.config.Config;
import hrm.cluster.cli.Allowed;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * What {@code hrm.http} says; every key is explained in node.conf.
 *
 * @param port auto, off, or a number; 0 for any free one
 * @param probePort off, or a number; 0 for any free one
 */
public record HttpSettings(String host, String port, String probePort, String token) {
  public static final int FIRST_PORT = 8558;

  public HttpSettings {
    Allowed.require(
        port.matches("auto|off|" + NodeSettings.PORT),
        "hrm.http.port (HRM_HTTP_PORT)",
        port,
        "auto, off, or a port from 0 to 65535");
    Allowed.require(
        probePort.matches("off|" + NodeSettings.PORT),
        "hrm.http.probe-port (HRM_HTTP_PROBE_PORT)",
        probePort,
        "off, or a port from 0 to 65535");
    if (!token.isEmpty() && !token.matches("[A-Za-z0-9._~+/-]{8,512}=*")) { // RFC 6750
      throw new IllegalArgumentException(
          "hrm.http.token (HRM_HTTP_TOKEN): must be 8 to 512 of the characters A-Z a-z 0-9 . _ ~ + /"
              + " -, with = at its end only; openssl rand -hex 24 makes one");
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
        config.getString("host"),
        config.getString("port"),
        config.getString("probe-port"),
        config.getString("token"));
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

  /** Whether those who probe have a port of their own. */
  public boolean probed() {
    return !probePort.equals("off");
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "HttpSettings[host=%s, port=%s, probePort=%s, token=%s]"
        .formatted(host, port, probePort, token.isEmpty() ? "" : "(set)");
  }
}
