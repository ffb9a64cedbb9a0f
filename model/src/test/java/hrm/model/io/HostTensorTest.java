package hrm.model.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class HostTensorTest {
  @Test
  void floats_everyFloatingType_isConverted() {
    float[] held = {1, 2};
    for (DType dtype : new DType[] {DType.F32, DType.BF16, DType.F16}) {
      assertSame(held, new HostTensor(dtype, new int[] {2}, held).floats());
    }
    HostTensor doubles = new HostTensor(DType.F64, new int[] {1}, new double[] {0.1});
    assertArrayEquals(new float[] {0.1f}, doubles.floats());
    assertThrows(IllegalStateException.class, doubles::ints);
    assertThrows(IllegalStateException.class, HostTensor.of(held, 2)::ints);
  }

  @Test
  void ints_everyWholeType_isConverted() {
    int[] held = {1, -2};
    assertSame(held, HostTensor.of(held, 1, 2).ints());
    HostTensor longs = new HostTensor(DType.I64, new int[] {1}, new long[] {-5});
    assertArrayEquals(new int[] {-5}, longs.ints());
    HostTensor bytes = new HostTensor(DType.U8, new int[] {2}, new byte[] {-1, 1});
    assertArrayEquals(new int[] {255, 1}, bytes.ints());
    assertThrows(IllegalStateException.class, bytes::floats);
    HostTensor wide = new HostTensor(DType.I64, new int[] {1}, new long[] {1L << 31});
    assertThrows(ArithmeticException.class, wide::ints);
  }

  @Test
  void tensor_shapeOrArrayThatDoesNotFit_isRefused() {
    float[] two = new float[2];
    assertEquals(2, HostTensor.of(two, 2).size());
    assertThrows(IllegalArgumentException.class, () -> HostTensor.of(two, 3));
    assertThrows(IllegalArgumentException.class, () -> HostTensor.of(two, -1, -2));
    assertThrows(IllegalArgumentException.class, () -> HostTensor.of(new float[0], -1, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new HostTensor(DType.I32, new int[] {2}, two));
  }
}
