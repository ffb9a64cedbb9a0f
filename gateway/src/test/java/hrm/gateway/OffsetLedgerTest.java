package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class OffsetLedgerTest {
  private static OffsetLedger successor(OffsetLedger ledger) {
    return new OffsetLedger(ledger.lowWater(), ledger.metadata());
  }

  private static OffsetLedger seen(long... offsets) {
    var ledger = new OffsetLedger(offsets[0], null);
    for (long offset : offsets) {
      assertTrue(ledger.see(offset));
    }
    return ledger;
  }

  @Test
  void lowWater_olderJobUnfinished_staysAtIt() {
    var ledger = seen(10, 11, 12);
    ledger.dispatch(12);
    ledger.finish(12);
    assertEquals(10, ledger.lowWater());
    ledger.finish(10);
    assertEquals(11, ledger.lowWater());
    ledger.finish(11);
    assertEquals(13, ledger.lowWater());
  }

  @Test
  void see_finishedByEarlierOwner_isFalse() {
    var ledger = seen(10, 11, 12);
    ledger.finish(11);
    var next = successor(ledger);
    assertTrue(next.see(10));
    assertFalse(next.see(11));
    assertTrue(next.see(12));
  }

  @Test
  void see_twice_isFalse() {
    var ledger = seen(5);
    assertFalse(ledger.see(5));
    assertFalse(ledger.see(4));
  }

  @Test
  void attempt_earlierOwnerDied_isOneMore() {
    var ledger = seen(7, 9);
    assertEquals(1, ledger.dispatch(9));
    for (int attempt = 2; attempt <= 6; attempt++) {
      ledger = successor(ledger);
      ledger.see(7);
      ledger.see(9);
      assertEquals(attempt, ledger.dispatch(9));
      assertEquals(0, ledger.attempts(7));
    }
  }

  @Test
  void attempt_handedBack_isNotCounted() {
    var ledger = seen(7);
    ledger.dispatch(7);
    ledger.handBack(7);
    var next = successor(ledger);
    next.see(7);
    assertEquals(1, next.dispatch(7));
  }

  @Test
  void attempts_notYetReadByNewOwner_travelOn() {
    var ledger = seen(1, 2, 3);
    ledger.dispatch(3);
    var third = successor(successor(ledger));
    assertEquals(1, third.attempts(3));
  }

  @Test
  void lowWater_gapsAfterLastRecord_isBehindIt() {
    var ledger = seen(3, 1_000_000);
    ledger.finish(1_000_000 - 0);
    ledger.finish(3);
    assertEquals(1_000_001, ledger.lowWater());
    assertEquals("", ledger.metadata());
  }

  @Test
  void metadata_offsetsVanishedByRetention_areForgotten() {
    var ledger = seen(10, 11, 12);
    ledger.dispatch(10);
    ledger.finish(12);
    var next = successor(ledger);
    assertTrue(next.see(5_000));
    assertEquals(5_000, next.lowWater());
    assertEquals("", next.metadata());
  }

  @Test
  void hasRoom_beyondWindow_isFalseUntilStragglerEnds() {
    long far = 10 + OffsetLedger.WINDOW;
    var ledger = seen(10, far);
    assertTrue(ledger.full());
    assertFalse(ledger.hasRoomFor(far));
    assertThrows(IllegalStateException.class, () -> ledger.dispatch(far));
    ledger.finish(10);
    assertTrue(ledger.hasRoomFor(far));
    assertFalse(ledger.full());
  }

  @Test
  void hasRoom_manyDispatched_isTrueOnlyForThoseMarked() {
    var ledger = new OffsetLedger(0, null);
    for (int i = 0; i <= OffsetLedger.MAX_DISPATCHED; i++) {
      ledger.see(i);
    }
    for (int i = 0; i < OffsetLedger.MAX_DISPATCHED; i++) {
      ledger.dispatch(i);
    }
    assertFalse(ledger.hasRoomFor(OffsetLedger.MAX_DISPATCHED));
    assertTrue(ledger.hasRoomFor(0));
  }

  @Test
  void full_nothingMoreMayBeDispatched_isTrue_butNotBeforeAllThatMayIsSeen() {
    var ledger = new OffsetLedger(0, null);
    for (int i = 0; i < OffsetLedger.MAX_DISPATCHED; i++) {
      assertFalse(ledger.full());
      ledger.see(i);
      ledger.dispatch(i);
    }
    assertTrue(ledger.full());
    var heir = successor(ledger);
    for (int i = 0; i < OffsetLedger.MAX_DISPATCHED; i++) {
      assertFalse(heir.full());
      heir.see(i);
    }
    assertTrue(heir.full());
    heir.finish(7);
    assertFalse(heir.full());
  }

  @Test
  void changed_committed_isFalse() {
    var ledger = seen(4);
    assertFalse(ledger.changed());
    ledger.dispatch(4);
    assertTrue(ledger.changed());
    ledger.rebase();
    assertFalse(ledger.changed());
  }

  @Test
  void metadata_worstCase_fitsTheBroker() {
    var random = new Random(1);
    var ledger = new OffsetLedger(0, null);
    for (int i = 0; i < OffsetLedger.WINDOW; i++) {
      ledger.see(i);
    }
    ledger.dispatch(0);
    for (int i = 1; i < OffsetLedger.WINDOW; i++) {
      if (ledger.hasRoomFor(i) && random.nextInt(50) == 0) {
        ledger.dispatch(i);
      } else if (random.nextBoolean()) {
        ledger.finish(i);
      }
    }
    int length = ledger.metadata().length();
    assertTrue(length > 2_700, "not a hard case: " + length);
    assertTrue(length < LedgerText.MAX_CHARS, "too long: " + length);
  }

  @Test
  void cutBack_keepsWhatIsBelow_andTakesWhatComesForNew() {
    var ledger = seen(10, 11, 12, 13);
    ledger.dispatch(11);
    ledger.dispatch(12);
    ledger.finish(13);
    ledger.rebase();
    ledger.cutBack(12);
    assertTrue(ledger.changed());
    assertEquals(10, ledger.lowWater());
    assertEquals(1, ledger.attempts(11));
    assertEquals(0, ledger.attempts(12));
    assertTrue(ledger.see(12));
    assertTrue(ledger.see(13));
    ledger.cutBack(3);
    assertEquals(3, ledger.lowWater());
    assertEquals("", ledger.metadata());
  }

  @Test
  void take_foreignMetadata_isRefused() {
    var e = assertThrows(IllegalArgumentException.class, () -> new OffsetLedger(0, "b1:zAAAA"));
    assertTrue(e.getMessage().contains("another program"), e.getMessage());
  }
}
