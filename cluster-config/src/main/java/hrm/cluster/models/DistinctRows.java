package hrm.cluster.models;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Counts different rows of tokens by 128 bits of their SHA-256: 32 to 64 bytes a row are kept. */
final class DistinctRows {
  private final MessageDigest sha256;
  private final long[] table; // pairs; 0, 0 is free
  private int count;

  /**
   * @param most rows that come
   */
  DistinctRows(int most) {
    long places = Math.max(2, Long.highestOneBit(Math.max(1, most)) << 2);
    table = new long[(int) Math.min(places << 1, 1 << 30)];
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has it
    }
  }

  void add(int[] tokens) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * tokens.length);
    bytes.asIntBuffer().put(tokens);
    ByteBuffer hash = ByteBuffer.wrap(sha256.digest(bytes.array()));
    long first = hash.getLong();
    long second = hash.getLong();
    int at = (int) first & (table.length - 2);
    while ((table[at] | table[at + 1]) != 0) {
      if (table[at] == first && table[at + 1] == second) {
        return;
      }
      at = at + 2 & (table.length - 2);
    }
    table[at] = first;
    table[at + 1] = second;
    count++;
  }

  int count() {
    return count;
  }
}
