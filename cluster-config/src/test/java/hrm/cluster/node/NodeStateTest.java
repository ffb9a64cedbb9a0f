package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NodeStateTest {
  private final NodeState state = new NodeState();

  @Test
  void node_startsServesAndDrains() {
    assertEquals("starting", state.name());
    assertFalse(state.leave());
    assertTrue(state.serve());
    assertEquals("serving", state.name());
    assertTrue(state.leave());
    assertFalse(state.leave());
    assertEquals("draining", state.name());
  }

  /** Or it would say that it serves, and could not be told to leave. */
  @Test
  void nodeWhoseEndBeginsBeforeItServes_goesOnDraining() {
    state.end();
    assertFalse(state.serve());
    assertEquals("draining", state.name());
  }
}
