package hrm.model.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of tokens below 256, a byte each, in pieces: millions of puzzles fit. */
final class TokenRows {
  private static final int PIECE = 4096; // rows

  private final int width;
  private final List<byte[]> pieces = new ArrayList<>();
  private int rows;

  TokenRows(int width) {
    this.width = width;
  }

  int size() {
    return rows;
  }

  void add(int[] tokens) {
    int at = rows % PIECE * width;
    if (at == 0) {
      pieces.add(new byte[Math.min(PIECE, Math.max(64, rows)) * width]);
    }
    int last = pieces.size() - 1;
    byte[] piece = pieces.get(last);
    if (at == piece.length) { // the first pieces begin small
      piece = Arrays.copyOf(piece, Math.min(PIECE * width, 2 * piece.length));
      pieces.set(last, piece);
    }
    for (int i = 0; i < width; i++) {
      piece[at + i] = (byte) tokens[i];
    }
    rows++;
  }

  int[] row(int i) {
    byte[] piece = pieces.get(i / PIECE);
    int at = i % PIECE * width;
    int[] tokens = new int[width];
    for (int t = 0; t < width; t++) {
      tokens[t] = piece[at + t] & 0xff;
    }
    return tokens;
  }
}
