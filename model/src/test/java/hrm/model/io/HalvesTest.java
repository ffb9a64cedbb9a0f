package hrm.model.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HalvesTest {
  @Test
  void everyHalf_toFloatAndBack_isItself() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      short half = (short) bits;
      float f16 = Halves.fromF16(half);
      float bf16 = Halves.fromBf16(half);
      assertTrue(Float.isNaN(f16) ? isNaN16(Halves.toF16(f16)) : half == Halves.toF16(f16));
      assertTrue(
          Float.isNaN(bf16)
              ? Float.isNaN(Halves.fromBf16(Halves.toBf16(bf16)))
              : half == Halves.toBf16(bf16));
    }
  }

  private static boolean isNaN16(short half) {
    return Float.isNaN(Halves.fromF16(half));
  }

  @Test
  void f16_knownBits_areTheirValues() {
    assertEquals(1f, Halves.fromF16((short) 0x3c00));
    assertEquals(-2f, Halves.fromF16((short) 0xc000));
    assertEquals(65504f, Halves.fromF16((short) 0x7bff));
    assertEquals(0x1p-24f, Halves.fromF16((short) 0x0001));
    assertEquals(0x1p-14f, Halves.fromF16((short) 0x0400));
    assertEquals(Float.NEGATIVE_INFINITY, Halves.fromF16((short) 0xfc00));
    assertEquals(0.333251953125f, Halves.fromF16((short) 0x3555));
  }

  @Test
  void f16_betweenTwoHalves_roundsToNearestThenEven() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      float low = Halves.fromF16((short) bits);
      float high = Halves.fromF16((short) (bits + 1));
      float middle = (low + high) / 2; // exact
      assertEquals(bits + (bits & 1), Halves.toF16(middle));
      assertEquals(bits, Halves.toF16(Math.nextDown(middle)));
      assertEquals(bits + 1, Halves.toF16(Math.nextUp(middle)));
    }
    assertEquals(0x7bff, Halves.toF16(Math.nextDown(65520f)));
    assertEquals(0x7c00, Halves.toF16(65520f));
  }

  @Test
  void bf16_betweenTwo_roundsToNearestThenEven() {
    for (int bits = 0; bits < 0x7f80; bits++) {
      float middle = Float.intBitsToFloat(bits << 16 | 0x8000);
      assertEquals(bits + (bits & 1), Halves.toBf16(middle));
      assertEquals(bits, Halves.toBf16(Math.nextDown(middle)));
      assertEquals(bits + 1, Halves.toBf16(Math.nextUp(middle)));
    }
    assertTrue(Float.isNaN(Halves.fromBf16(Halves.toBf16(Float.intBitsToFloat(0x7f800001)))));
  }
}
