package hrm.model.io.torch;

import hrm.model.io.ModelFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** What a file is by its first bytes, for a clear word about those that are no zip archive. */
final class FileKind {
  private static final int HEAD = 512; // bytes
  private static final String OLD_MAGIC = "8a0a6cfc9c46f9206aa85019"; // after the PROTO opcode

  private FileKind() {}

  /**
   * @throws ModelFileException unless the file begins as a zip archive does
   */
  static void check(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new ModelFileException(
          file, "is a folder; name the checkpoint file in it, such as step_12345");
    }
    if (!Files.isRegularFile(file)) {
      throw new ModelFileException(file, "there is no such file; check the path");
    }
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(HEAD);
    }
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (!text.startsWith("PK\003\004")) {
      throw new ModelFileException(file, otherwise(head, text));
    }
  }

  private static String otherwise(byte[] head, String text) {
    if (head.length == 0) {
      return "is empty; fetch it again";
    }
    if (head.length >= 14
        && head[0] == (byte) 0x80
        && HexFormat.of().formatHex(head, 2, 14).equals(OLD_MAGIC)) {
      return "is in torch.save's old format, from before PyTorch 1.6, which is not read; load it in"
          + " PyTorch and save it again";
    }
    if (text.length() > 262 && text.startsWith("ustar", 257)) {
      return "is a tar archive, torch.save's first format or a packed folder, which is not read;"
          + " unpack it, or load it in PyTorch and save it again";
    }
    if (text.startsWith("\037\213")) {
      return "is compressed with gzip; unpack it first";
    }
    if (text.startsWith("version https://git-lfs")) {
      return "is a Git LFS pointer, not the checkpoint; fetch the file with git lfs pull";
    }
    if (text.startsWith("PK")) {
      return "is an empty or split zip archive; fetch the checkpoint again";
    }
    if (text.length() > 8 && text.charAt(8) == '{') {
      return "looks like a safetensors file, which needs no import; put it and its config.json into"
          + " a model folder";
    }
    if (head[0] == (byte) 0x80) {
      return "is a bare pickle, not a zip archive as torch.save writes since PyTorch 1.6; load it in"
          + " PyTorch and save it again";
    }
    return "is not a PyTorch checkpoint: it does not begin as a zip archive; name the file that"
        + " torch.save wrote";
  }
}
