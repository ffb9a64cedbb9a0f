package hrm.cluster.tls;

import hrm.cluster.cli.CommandException;
import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority for one cluster, small enough for development and tests. RSA, since
 * Akka's reader of PEM keys takes nothing else.
 */
public record Authority(X509Certificate certificate, PrivateKey key) {
  /** Common name of every node: what Akka's transport compares to know its own cluster. */
  static final String CLUSTER = "hrm-node";

  private static final int BITS = 3072;

  /** A certificate and its key. */
  public record Identity(X509Certificate certificate, PrivateKey key) {
    /** Writes {@code tls.crt} and {@code tls.key}, and {@code ca.crt} beside them. */
    public void write(Path folder, X509Certificate authority) throws IOException {
      Files.createDirectories(folder);
      pem(folder.resolve("tls.key"), key);
      pem(folder.resolve("tls.crt"), certificate);
      pem(folder.resolve("ca.crt"), authority);
    }
  }

  public static Authority create(String name, Instant from, Instant to) {
    KeyPair pair = pair();
    X500Name subject = new X500Name("CN=" + name);
    return new Authority(
        build(subject, subject, pair.getPublic(), pair, from, to, null), pair.getPrivate());
  }

  /**
   * @return null when there is none in that folder
   */
  static Authority read(Path folder) throws IOException {
    if (!Files.exists(folder.resolve("ca.key"))) {
      return null;
    }
    try (PEMParser certificate = new PEMParser(Files.newBufferedReader(folder.resolve("ca.crt")));
        PEMParser key = new PEMParser(Files.newBufferedReader(folder.resolve("ca.key")))) {
      return new Authority(
          new JcaX509CertificateConverter()
              .getCertificate((X509CertificateHolder) certificate.readObject()),
          new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) key.readObject()));
    } catch (GeneralSecurityException | ClassCastException | NullPointerException e) {
      throw CommandException.wrongInput(
          "%s: ca.crt and ca.key there are not a certificate and a PKCS#8 key; remove both to make new ones"
              .formatted(folder));
    }
  }

  public void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    pem(folder.resolve("ca.key"), key);
    pem(folder.resolve("ca.crt"), certificate);
  }

  /**
   * @param host DNS name, which may begin with {@code *.}, or IP address
   */
  public Identity issue(String host, Instant from, Instant to) {
    return issue(CLUSTER, host, from, to);
  }

  public Identity issue(String commonName, String host, Instant from, Instant to) {
    KeyPair pair = pair();
    X500Name issuer = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    X509Certificate issued =
        build(
            issuer,
            new X500Name("CN=" + commonName),
            pair.getPublic(),
            new KeyPair(certificate.getPublicKey(), key),
            from,
            to,
            host);
    return new Identity(issued, pair.getPrivate());
  }

  private static X509Certificate build(
      X500Name issuer,
      X500Name subject,
      PublicKey key,
      KeyPair signer,
      Instant from,
      Instant to,
      String host) {
    try {
      var extensions = new JcaX509ExtensionUtils();
      var builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              new BigInteger(127, new SecureRandom()),
              Date.from(from),
              Date.from(to),
              subject,
              key);
      builder.addExtension(
          Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(key));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          extensions.createAuthorityKeyIdentifier(signer.getPublic()));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(host == null));
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(
              host == null
                  ? KeyUsage.keyCertSign | KeyUsage.cRLSign
                  : KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
      if (host != null) {
        names(builder, host);
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withRSA").build(signer.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void names(JcaX509v3CertificateBuilder builder, String host)
      throws CertIOException {
    boolean address = host.matches("[0-9.]+") || host.contains(":");
    builder.addExtension(
        Extension.extendedKeyUsage,
        false,
        new ExtendedKeyUsage(
            new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host)));
  }

  private static KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(BITS);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every Java platform has RSA
    }
  }

  /**
   * Written beside and moved into its place, so that nobody reads half of it; keys for us alone.
   */
  private static void pem(Path file, Object content) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(beside);
    boolean secret = content instanceof PrivateKey;
    Files.createFile(
        beside,
        PosixFilePermissions.asFileAttribute(
            PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--")));
    try (Writer out = Files.newBufferedWriter(beside, StandardOpenOption.TRUNCATE_EXISTING);
        JcaPEMWriter pem = new JcaPEMWriter(out)) {
      pem.writeObject(secret ? new JcaPKCS8Generator((PrivateKey) content, null) : content);
    }
    Files.move(
        beside,
        file,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING,
        java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }
}
