package hrm.model.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.Block;
import hrm.model.Kernels;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CpuKernelsTest {
  @Test
  void close_freesAllButStates() {
    Kernels k = new Nd4jBackend(1).open();
    List<Block> blocks = new ArrayList<>();
    blocks.add(k.allocate(100));
    blocks.add(k.allocateActivation(100));
    blocks.add(k.constant(new float[] {1, 2}));
    Block state = k.allocateState(2);
    state.write(0, new float[] {3, 4}, 0, 2);
    k.close();
    blocks.forEach(block -> assertTrue(NativeBlock.of(block).isClosed()));
    assertFalse(NativeBlock.of(state).isClosed());
    float[] read = new float[2];
    state.read(0, read, 0, 2);
    assertEquals(4, read[1]);
    state.close();
    assertThrows(IllegalStateException.class, () -> state.read(0, read, 0, 2));
  }

  @Test
  void scratch_givesItsMemoryBack() {
    Scratch scratch = new Scratch();
    NativeBlock memory = scratch.memory(10);
    scratch.close();
    assertTrue(memory.isClosed());
    assertFalse(scratch.memory(10).isClosed());
    scratch.close();
  }
}
