package hrm.cluster.tls;

import akka.pki.pem.DERPrivateKeyLoader;
import akka.pki.pem.PEMDecoder;
import hrm.cluster.cli.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** The PEM files of {@code hrm.tls}, read at the start so that a wrong one is named then. */
public record TlsFiles(X509Certificate authority, X509Certificate node) {

  /**
   * Reads and checks them against each other.
   *
   * @throws CommandException naming the setting, the file and what is wrong with it; never quoting
   *     it
   */
  public static TlsFiles check(TlsSettings settings, Instant now) {
    X509Certificate authority = certificate("ca-file", settings.caFile());
    X509Certificate node = certificate("certificate-file", settings.certificateFile());
    PrivateKey key = key(settings.keyFile());
    valid("ca-file", settings.caFile(), authority, now);
    valid("certificate-file", settings.certificateFile(), node, now);
    try {
      node.verify(authority.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw wrong(
          "certificate-file",
          settings.certificateFile(),
          "was not issued by the authority in " + settings.caFile());
    }
    if (!(key instanceof RSAPrivateKey ours
        && node.getPublicKey() instanceof RSAPublicKey theirs
        && ours.getModulus().equals(theirs.getModulus()))) {
      throw wrong(
          "key-file", settings.keyFile(), "is not the RSA key of " + settings.certificateFile());
    }
    return new TlsFiles(authority, node);
  }

  /** Until the first of them ends. */
  public Duration left(Instant now) {
    Instant first = node.getNotAfter().toInstant();
    Instant second = authority.getNotAfter().toInstant();
    return Duration.between(now, first.isBefore(second) ? first : second);
  }

  /**
   * When each certificate ends, by the files as they are now; the epoch for one that is not to be
   * read.
   */
  public static Map<String, Instant> ends(TlsSettings settings) {
    return settings.enabled()
        ? Map.of(
            "authority", end("ca-file", settings.caFile()),
            "node", end("certificate-file", settings.certificateFile()))
        : Map.of();
  }

  private static Instant end(String key, String file) {
    try {
      return certificate(key, file).getNotAfter().toInstant();
    } catch (CommandException e) {
      return Instant.EPOCH;
    }
  }

  private static X509Certificate certificate(String key, String file) {
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (IOException e) {
      throw unreadable(key, file, e);
    } catch (CertificateException e) {
      throw wrong(key, file, "holds no certificate in PEM");
    }
  }

  private static PrivateKey key(String file) {
    try {
      String pem = Files.readString(Path.of(file), StandardCharsets.US_ASCII);
      return DERPrivateKeyLoader.load(PEMDecoder.decode(pem));
    } catch (IOException e) {
      throw unreadable("key-file", file, e);
    } catch (Exception e) { // what is declared in Scala only; its words may quote the key
      throw wrong("key-file", file, "holds no RSA key in PEM that has no password");
    }
  }

  private static void valid(String key, String file, X509Certificate certificate, Instant now) {
    if (now.isBefore(certificate.getNotBefore().toInstant())) {
      throw wrong(
          key, file, "is valid from %s on".formatted(certificate.getNotBefore().toInstant()));
    }
    if (now.isAfter(certificate.getNotAfter().toInstant())) {
      throw wrong(key, file, "has expired at " + certificate.getNotAfter().toInstant());
    }
  }

  private static CommandException unreadable(String key, String file, IOException e) {
    return wrong(key, file, "cannot be read (%s)".formatted(e.getClass().getSimpleName()));
  }

  private static CommandException wrong(String key, String file, String what) {
    return CommandException.wrongInput(
        "hrm.tls.%s (HRM_TLS_%s) = %s: %s; hrm certs makes such files"
            .formatted(key, key.toUpperCase(java.util.Locale.ROOT).replace('-', '_'), file, what));
  }
}
