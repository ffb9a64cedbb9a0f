package hrm.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import hrm.model.cpu.Nd4jBackend;
import hrm.model.io.DType;
import hrm.model.reference.ReferenceBackend;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FingerprintTest {
  private static final BigInteger M = BigInteger.valueOf(6364136223846793005L);
  private static final BigInteger WORD = BigInteger.TWO.pow(64);

  /** The sum as it is written, power by power. */
  private static long byDefinition(float[] row) {
    BigInteger sum = BigInteger.ZERO;
    for (int i = 0; i < row.length; i++) {
      BigInteger bits = BigInteger.valueOf(Integer.toUnsignedLong(Float.floatToIntBits(row[i])));
      sum = sum.add(bits.multiply(M.modPow(BigInteger.valueOf(row.length - 1 - i), WORD)));
    }
    return sum.longValue();
  }

  private static float[] random(int n, long seed) {
    Random random = new Random(seed);
    float[] row = new float[n];
    for (int i = 0; i < n; i++) {
      row[i] = (float) random.nextGaussian();
    }
    return row;
  }

  @Test
  void hash_isThePolynomial_whateverTheLength() {
    for (int n : new int[] {0, 1, 3, 4, 5, 7, 8, 1000, 1003}) {
      float[] row = random(n, n);
      assertEquals(byDefinition(row), Fingerprint.of(row, n).hash(), "n = " + n);
    }
  }

  @Test
  void norm_isFrobenius() {
    float[] row = random(1003, 1);
    double squares = 0;
    for (float value : row) {
      squares += (double) value * value;
    }
    assertEquals((float) Math.sqrt(squares), Fingerprint.of(row, row.length).norm(), 1e-6);
  }

  @Test
  void oneBit_twoSigns_orTwoPlaces_changeTheHash() {
    float[] row = random(64, 2);
    long hash = Fingerprint.of(row, 64).hash();
    for (int i = 0; i < 64; i++) {
      float[] other = row.clone();
      other[i] = Math.nextUp(other[i]);
      assertNotEquals(hash, Fingerprint.of(other, 64).hash());
      other = row.clone();
      other[i] = -other[i];
      other[(i + 1) % 64] = -other[(i + 1) % 64];
      assertNotEquals(hash, Fingerprint.of(other, 64).hash());
      other = row.clone();
      other[i] = row[(i + 1) % 64];
      other[(i + 1) % 64] = row[i];
      assertNotEquals(hash, Fingerprint.of(other, 64).hash());
    }
  }

  @Test
  void kernels_takeTheRowsAskedFor_inTheirOrder() {
    int n = 1003;
    float[] values = random(4 * n, 3);
    int[] rows = {2, 0, 3};
    Fingerprint[] expected = new Fingerprint[rows.length];
    for (int i = 0; i < rows.length; i++) {
      float[] row = new float[n];
      System.arraycopy(values, rows[i] * n, row, 0, n);
      expected[i] = new Fingerprint(Fingerprint.of(row, n).norm(), byDefinition(row));
    }
    for (Backend backend : new Backend[] {new ReferenceBackend(), new Nd4jBackend(2)}) {
      Kernels k = backend.open();
      Block block = k.constant(values);
      assertArrayEquals(expected, k.fingerprints(block, rows, n), backend.toString());
      k.close();
    }
  }

  @Test
  void packedRow_hasTheFingerprintOfItsFloats() {
    float[] row = random(12, 4);
    ByteBuffer bytes = ByteBuffer.allocate(96).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(new float[12]).put(row);
    HiddenState state = HiddenState.packed(2, 4, 3, DType.F32, bytes);
    assertEquals(Fingerprint.of(row, 12), state.fingerprint(1));
  }
}
