package hrm.model.cuda;

/**
 * D (m, n) = op(A) (m, k) op(B) (k, n) + beta D, column-major.
 *
 * @param rowsAreN whether n counts samples' rows, so that a row's numbers must not depend on it
 * @param alignment bytes that every address is a multiple of
 */
record ProductShape(
    boolean transposeA,
    boolean transposeB,
    int m,
    int n,
    int k,
    Storage in,
    Storage out,
    boolean rowsAreN,
    int alignment) {
  ProductShape ofRows(int rows) {
    return new ProductShape(transposeA, transposeB, m, rows, k, in, out, rowsAreN, alignment);
  }

  @Override
  public String toString() {
    return "m %d, n %d, k %d, %s%s, %s to %s"
        .formatted(m, n, k, transposeA ? "T" : "N", transposeB ? "T" : "N", in, out);
  }
}
