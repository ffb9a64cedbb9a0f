package hrm.cluster.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.chaos.Spell.State;
import hrm.cluster.chaos.Timeline.Mark;
import hrm.cluster.chaos.Timeline.What;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a run of chaos did is seen in its report. */
class ChaosReportTest {
  private static final List<String> NODES = List.of("gateway", "solver-1", "solver-2");
  private static final List<Mark> MARKS =
      List.of(
          new Mark(5, "solver-1", What.CUT, "solver-2"),
          new Mark(8, "gateway", What.FROZEN, ""),
          new Mark(12, "solver-2", What.ENDED, "another <seed> is \"alive\""),
          new Mark(14, "solver-2", What.STARTED, ""),
          new Mark(20, "solver-1", What.HEALED, "solver-2"),
          new Mark(21.5, "solver-2", What.READY, ""),
          new Mark(30, "gateway", What.KILLED, ""),
          new Mark(40, "solver-2", What.CUT, "gateway"));

  private static String html() {
    ChaosSummary summary = new ChaosSummary(7, 100, 100, 0, 0, 0, 3, 1, 1, 0, 2, 1, true, 0, 50);
    return ChaosReport.html(summary, NODES, MARKS, List.of(1.0, 2.0));
  }

  @Test
  void cut_isSeenAtBothEnds_forAsLongAsItLasted() {
    assertEquals(
        List.of(new Spell(State.CUT, 5, 20, "solver-2")), cuts("solver-1"), "where it is marked");
    assertEquals(
        List.of(new Spell(State.CUT, 5, 20, "solver-1"), new Spell(State.CUT, 40, 50, "gateway")),
        cuts("solver-2"));
    assertEquals(
        List.of(new Spell(State.CUT, 40, 50, "solver-2")), cuts("gateway"), "never healed");
    String html = html();
    assertEquals(4, html.split("<rect class='cut'", -1).length - 1, "bars: two ends of each");
    assertTrue(html.contains("<title>cut off from solver-1, 5.0 to 20.0 s</title>"), html);
  }

  private static List<Spell> cuts(String part) {
    return Spell.of(part, MARKS, 50).stream().filter(s -> s.state() == State.CUT).toList();
  }

  @Test
  void part_isDown_untilItServesAgain() {
    assertEquals(
        List.of(
            new Spell(State.SERVING, 0, 12, ""),
            new Spell(State.STARTING, 14, 21.5, ""),
            new Spell(State.SERVING, 21.5, 50, "")),
        Spell.of("solver-2", MARKS, 50).stream().filter(s -> s.other().isEmpty()).toList());
  }

  @Test
  void killedWhileFrozen_isFrozenUntilThen() {
    assertTrue(Spell.of("gateway", MARKS, 50).contains(new Spell(State.FROZEN, 8, 30, "")));
  }

  @Test
  void table_tellsWhatWasDone_andWhatCameOfIt() {
    String rows = html().replaceAll("<i class='\\w+'></i>", "").replaceAll("(?m)^<tr><td>", "");
    assertTrue(
        rows.contains("5.0 s<td>solver-1<td>cut off from solver-2<td>healed after 15.0 s"), rows);
    assertTrue(rows.contains("8.0 s<td>gateway<td>frozen<td>gone again after 22.0 s"), rows);
    assertTrue(rows.contains("30.0 s<td>gateway<td>killed<td>nothing, to the end"), rows);
    assertTrue(
        rows.contains(
            "12.0 s<td>solver-2<td>ended by itself: another &lt;seed&gt; is \"alive\"<td>served"
                + " again after 9.5 s"),
        rows);
  }
}
