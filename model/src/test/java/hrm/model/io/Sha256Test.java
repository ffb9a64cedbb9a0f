package hrm.model.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256Test {
  @TempDir Path folder;

  @Test
  void of_standardVectors_isTheirDigest() throws IOException {
    // FIPS 180-2, appendix B; the last is a million times "a"
    digests("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digests("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digests(
        "a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }

  private void digests(String text, String expected) throws IOException {
    assertEquals(expected, Sha256.of(Files.writeString(folder.resolve("file"), text)));
  }

  @Test
  void of_missingFile_throws() {
    assertThrows(IOException.class, () -> Sha256.of(folder.resolve("missing")));
  }
}
