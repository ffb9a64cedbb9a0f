package hrm.cluster.chaos;

import hrm.cluster.chaos.ChaosPlan.Event;
import hrm.cluster.chaos.ChaosPlan.Kind;
import hrm.cluster.chaos.Timeline.What;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Carries out a plan against a fleet: kills, freezes and cuts, and ends the latter when due. */
final class Mishaps {
  private record Undo(double at, Event event) {}

  private final Fleet fleet;
  private final Timeline timeline;
  private final Deque<Event> due;
  private final PriorityQueue<Undo> undo =
      new PriorityQueue<>((a, b) -> Double.compare(a.at, b.at));
  private final Set<String> frozen = new HashSet<>();
  private CompletableFuture<Void> broker = CompletableFuture.completedFuture(null);

  Mishaps(ChaosPlan plan, Fleet fleet, Timeline timeline) {
    this.fleet = fleet;
    this.timeline = timeline;
    this.due = new ArrayDeque<>(plan.events());
  }

  /** Does what is due by now. */
  void goOn() throws IOException, InterruptedException {
    while (!due.isEmpty() && timeline.now() >= due.peek().at()) {
      harm(due.poll());
    }
    while (!undo.isEmpty() && timeline.now() >= undo.peek().at()) {
      mend(undo.poll().event());
    }
  }

  /** Whether nothing of the plan is left, nor to be mended. */
  boolean over() {
    return due.isEmpty() && undo.isEmpty();
  }

  boolean anyFrozen() {
    return !frozen.isEmpty();
  }

  /** Waits until the broker is back, should it be on its way. */
  void awaitBroker() {
    broker.join();
  }

  private void harm(Event event) throws IOException, InterruptedException {
    switch (event.kind()) {
      case KILL -> {
        String node = victim(event.node());
        fleet.kill(node);
        frozen.remove(node);
        timeline.mark(node, What.KILLED);
      }
      case FREEZE -> {
        String node = victim(event.node());
        fleet.freeze(node);
        frozen.add(node);
        timeline.mark(node, What.FROZEN);
        int number = fleet.names().indexOf(node);
        later(event.seconds(), new Event(0, event.kind(), number, 0, 0));
      }
      case BROKER -> {
        broker.join();
        fleet.killBroker();
        timeline.mark("broker", What.KILLED);
        broker = CompletableFuture.runAsync(this::restartBroker);
      }
      case CUT -> {
        fleet.cut(name(event.node()), name(event.other()));
        timeline.mark(name(event.node()), What.CUT, name(event.other()));
        later(event.seconds(), event);
      }
      default -> throw new AssertionError(event);
    }
  }

  private void later(double seconds, Event event) {
    undo.add(new Undo(timeline.now() + seconds, event));
  }

  private void restartBroker() {
    try {
      timeline.mark("broker", What.STARTED);
      fleet.startBroker();
      timeline.mark("broker", What.READY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String name(int node) {
    return fleet.names().get(node);
  }

  /** The node meant, or the next one that serves: no kill is wasted on a dead one. */
  private String victim(int node) {
    for (int i = 0; i < fleet.names().size(); i++) {
      String name = name((node + i) % fleet.names().size());
      if (fleet.isAlive(name) && fleet.isReady(name) && !frozen.contains(name)) {
        return name;
      }
    }
    return name(node);
  }

  private void mend(Event event) throws IOException, InterruptedException {
    String node = name(event.node());
    if (event.kind() == Kind.CUT) {
      fleet.heal(node, name(event.other()));
      timeline.mark(node, What.HEALED, name(event.other()));
    } else if (frozen.remove(node)) {
      fleet.thaw(node);
      timeline.mark(node, What.THAWED);
    }
  }
}
