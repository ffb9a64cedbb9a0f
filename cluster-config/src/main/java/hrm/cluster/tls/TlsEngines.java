package hrm.cluster.tls;

import akka.actor.ActorSystem;
import akka.remote.artery.tcp.SSLEngineProvider;
import akka.remote.artery.tcp.ssl.RotatingKeysSSLEngineProvider;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import scala.Option;

/**
 * Akka's engines of mutual TLS from PEM files that are read again as they change, and over them the
 * check that Akka's leave out: the certificate of the node that is connected to must name its host.
 * A node that cannot be connected to cannot join.
 */
public final class TlsEngines implements SSLEngineProvider {
  private final SSLEngineProvider keys;

  /** Called by Akka. */
  public TlsEngines(ActorSystem system) {
    keys = new RotatingKeysSSLEngineProvider(system);
  }

  @Override
  public SSLEngine createServerSSLEngine(String hostname, int port) {
    return keys.createServerSSLEngine(hostname, port);
  }

  @Override
  public SSLEngine createClientSSLEngine(String hostname, int port) {
    SSLEngine engine = keys.createClientSSLEngine(hostname, port);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 2818
    engine.setSSLParameters(parameters);
    return engine;
  }

  @Override
  public Option<Throwable> verifyClientSession(String hostname, SSLSession session) {
    return keys.verifyClientSession(hostname, session);
  }

  @Override
  public Option<Throwable> verifyServerSession(String hostname, SSLSession session) {
    return keys.verifyServerSession(hostname, session);
  }
}
