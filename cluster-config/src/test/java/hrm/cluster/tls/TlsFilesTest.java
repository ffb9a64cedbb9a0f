package hrm.cluster.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.Main;
import hrm.cluster.cli.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFilesTest {
  private static final Instant NOW = Instant.now();
  private static final Instant EARLIER = NOW.minusSeconds(60);
  private static final Instant LATER = NOW.plus(Duration.ofDays(30));

  @TempDir Path folder;

  private TlsSettings settings(Path at) {
    return new TlsSettings(
        true,
        at.resolve("ca.crt").toString(),
        at.resolve("tls.crt").toString(),
        at.resolve("tls.key").toString(),
        Duration.ofMinutes(1));
  }

  private String refusal(Instant now) {
    CommandException e =
        assertThrows(
            CommandException.class, () -> TlsFiles.check(settings(folder.resolve("a")), now));
    assertEquals(CommandException.WRONG_INPUT, e.exitCode());
    return e.getMessage();
  }

  @Test
  void certs_makesFilesThatFit_andASecondRunKeepsTheAuthority() throws IOException {
    Path out = folder.resolve("certs");
    String[] args = {"certs", "--out", out.toString(), "--nodes", "a.example,10.0.0.7,*.b.example"};
    assertEquals(0, Main.run(args));
    byte[] authority = Files.readAllBytes(out.resolve("ca.crt"));
    byte[] first = Files.readAllBytes(out.resolve("a.example/tls.crt"));
    for (String node : new String[] {"a.example", "10.0.0.7", "b.example"}) {
      TlsFiles files = TlsFiles.check(settings(out.resolve(node)), Instant.now());
      assertEquals(89, files.left(Instant.now()).toDays());
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(
              Files.getPosixFilePermissions(out.resolve(node).resolve("tls.key"))));
    }
    assertEquals(0, Main.run(args));
    assertEquals(new String(authority), Files.readString(out.resolve("ca.crt")));
    assertFalse(new String(first).equals(Files.readString(out.resolve("a.example/tls.crt"))));
    TlsFiles.check(settings(out.resolve("a.example")), Instant.now());
    assertFalse(Files.exists(out.resolve("a.example/ca.key")));
  }

  @Test
  void ends_areThoseOfTheFilesAsTheyAreNow_andOfOneThatCannotBeRead_theEpoch() throws IOException {
    Path a = folder.resolve("a");
    Authority authority = Authority.create("ca", EARLIER, LATER.plusSeconds(1));
    authority.issue("a", EARLIER, LATER.minusSeconds(60)).write(a, authority.certificate());
    assertEquals(
        LATER.minusSeconds(60).getEpochSecond(),
        TlsFiles.ends(settings(a)).get("node").getEpochSecond());
    authority.issue("a", EARLIER, LATER).write(a, authority.certificate());
    assertEquals(LATER.getEpochSecond(), TlsFiles.ends(settings(a)).get("node").getEpochSecond());
    assertEquals(
        LATER.plusSeconds(1).getEpochSecond(),
        TlsFiles.ends(settings(a)).get("authority").getEpochSecond());
    Files.writeString(a.resolve("tls.crt"), "no certificate");
    assertEquals(Instant.EPOCH, TlsFiles.ends(settings(a)).get("node"));
  }

  @Test
  void certs_hostThatIsNone_isRefused() {
    String out = folder.toString();
    assertEquals(2, Main.run("certs", "--out", out, "--nodes", "../etc"));
    assertEquals(2, Main.run("certs", "--out", out, "--nodes", "a", "--days", "0"));
  }

  @Test
  void eachFileThatDoesNotFit_isNamedWithItsSetting() throws IOException {
    Path a = folder.resolve("a");
    Authority authority = Authority.create("ca", EARLIER, LATER.plusSeconds(1));
    authority.issue("a", EARLIER, LATER).write(a, authority.certificate());
    TlsFiles.check(settings(a), NOW);

    assertTrue(refusal(LATER.plusSeconds(2)).contains("has expired"));
    assertTrue(refusal(EARLIER.minusSeconds(5)).contains("is valid from"));

    authority.issue("a", EARLIER, LATER).write(folder.resolve("b"), authority.certificate());
    Files.copy(
        folder.resolve("b/tls.key"),
        a.resolve("tls.key"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertTrue(refusal(NOW).startsWith("hrm.tls.key-file (HRM_TLS_KEY_FILE) = " + a));

    Authority other = Authority.create("ca", EARLIER, LATER);
    other.issue("a", EARLIER, LATER).write(a, authority.certificate());
    assertTrue(refusal(NOW).contains("was not issued by the authority in " + a));
  }

  @Test
  void damagedKey_isNotQuoted() throws IOException {
    Path a = folder.resolve("a");
    Authority authority = Authority.create("ca", EARLIER, LATER);
    authority.issue("a", EARLIER, LATER).write(a, authority.certificate());
    Files.writeString(
        a.resolve("tls.key"), "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n");
    String message = refusal(NOW);
    assertTrue(message.contains("holds no RSA key"), message);
    assertFalse(message.contains("hunter2"), message);
    Files.delete(a.resolve("tls.key"));
    assertTrue(refusal(NOW).contains("cannot be read"), refusal(NOW));
  }

  @Test
  void enabledWithoutFiles_saysWhich() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new TlsSettings(true, "ca", "", "key", Duration.ofMinutes(1)));
    assertTrue(e.getMessage().startsWith("hrm.tls.certificate-file is empty"), e.getMessage());
  }
}
