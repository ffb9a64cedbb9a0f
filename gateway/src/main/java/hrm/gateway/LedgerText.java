package hrm.gateway;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.BitSet;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * An {@link OffsetLedger} as commit metadata: "h1:", "z" (deflated) or "r" (raw), then base64 of a
 * bitmap of finished offsets (varint length, bytes) and pairs of varints for the dispatched ones:
 * distance from the one before, attempts. Distances count from the low-water mark.
 */
final class LedgerText {
  /** Broker's offset.metadata.max.bytes unless somebody lowered it. */
  static final int MAX_CHARS = 4096;

  private static final String VERSION = "h1:";

  /** What metadata says, as offsets. */
  record Known(NavigableSet<Long> finished, TreeMap<Long, Integer> attempts) {}

  private LedgerText() {}

  static String encode(
      long lowWater, NavigableSet<Long> finished, SortedMap<Long, Integer> attempts) {
    if (finished.isEmpty() && attempts.isEmpty()) {
      return "";
    }
    var bits = new BitSet();
    finished.forEach(offset -> bits.set(Math.toIntExact(offset - lowWater)));
    var out = new ByteArrayOutputStream();
    byte[] bitmap = bits.toByteArray();
    putVarint(out, bitmap.length);
    out.writeBytes(bitmap);
    long before = lowWater;
    for (var entry : attempts.entrySet()) {
      putVarint(out, Math.toIntExact(entry.getKey() - before));
      putVarint(out, entry.getValue());
      before = entry.getKey();
    }
    byte[] raw = out.toByteArray();
    byte[] small = deflate(raw);
    boolean deflated = small.length < raw.length;
    return VERSION
        + (deflated ? "z" : "r")
        + Base64.getEncoder().withoutPadding().encodeToString(deflated ? small : raw);
  }

  static Known decode(long lowWater, String text) {
    var known = new Known(new TreeSet<>(), new TreeMap<>());
    if (text == null || text.isEmpty()) {
      return known;
    }
    try {
      if (!text.startsWith(VERSION)) {
        throw new IllegalArgumentException("it does not start with " + VERSION);
      }
      byte[] bytes = Base64.getDecoder().decode(text.substring(VERSION.length() + 1));
      read(lowWater, text.charAt(VERSION.length()) == 'z' ? inflate(bytes) : bytes, known);
      return known;
    } catch (RuntimeException | DataFormatException e) {
      throw new IllegalArgumentException(
          "The metadata \"%.40s\" beside its committed offset is not this version's (%s): a newer one or another program commits in this group."
              .formatted(text, e.getMessage()),
          e);
    }
  }

  private static void read(long lowWater, byte[] bytes, Known into) {
    var in = ByteBuffer.wrap(bytes);
    byte[] bitmap = new byte[getVarint(in)];
    in.get(bitmap);
    BitSet.valueOf(bitmap).stream().forEach(bit -> into.finished().add(lowWater + bit));
    long offset = lowWater;
    while (in.hasRemaining()) {
      offset += getVarint(in);
      into.attempts().put(offset, getVarint(in));
    }
  }

  private static void putVarint(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest >= 0x80) {
      out.write(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }

  private static int getVarint(ByteBuffer in) {
    int value = 0;
    for (int shift = 0; shift < 32; shift += 7) {
      int b = in.get();
      value |= (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number is too long");
  }

  private static byte[] deflate(byte[] raw) {
    var deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    try {
      deflater.setInput(raw);
      deflater.finish();
      byte[] buffer = new byte[raw.length + 64];
      return java.util.Arrays.copyOf(buffer, deflater.deflate(buffer));
    } finally {
      deflater.end();
    }
  }

  private static byte[] inflate(byte[] small) throws DataFormatException {
    var inflater = new Inflater(true);
    try {
      inflater.setInput(small);
      byte[] buffer = new byte[2 * MAX_CHARS];
      return java.util.Arrays.copyOf(buffer, inflater.inflate(buffer));
    } finally {
      inflater.end();
    }
  }
}
