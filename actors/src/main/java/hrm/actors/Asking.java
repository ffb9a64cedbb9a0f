package hrm.actors;

import akka.actor.typed.javadsl.TimerScheduler;
import hrm.actors.Protocol.PlannerCommand;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;

/** How a planner's lanes come to their answers: a worker is asked, and another one if need be. */
final class Asking {
  private final Workers workers;
  private final TimerScheduler<PlannerCommand> timers;
  private final Logger log;
  private final String model;
  private long lastCycle = 0;

  /**
   * @param log of the planner
   * @param model its name
   */
  Asking(Workers workers, TimerScheduler<PlannerCommand> timers, Logger log, String model) {
    this.workers = workers;
    this.timers = timers;
    this.log = log;
    this.model = model;
  }

  /** The lane's next cycle begins. */
  void think(Lane lane) {
    lane.expect(++lastCycle);
    ask(lane);
  }

  /** Sends the lane's present cycle to a worker, if there is any. */
  void ask(Lane lane) {
    Optional<Duration> patience = workers.think(lane);
    if (patience.isPresent()) {
      Planner.ThinkOverdue overdue = new Planner.ThinkOverdue(lane.index, lane.cycle);
      timers.startSingleTimer(lane.index, overdue, patience.get());
      return;
    }
    answered(lane);
    log.warn(
        "lane {} waits: no worker for model {} is up; it thinks on when one registers",
        lane.index,
        model);
  }

  /** The lane's answer was due long ago. */
  void overdue(Lane lane) {
    if (workers.awaitedHere(lane.cycle)) {
      log.warn(
          "lane {}, cycle {} is overdue; its worker lives and is waited for",
          lane.index,
          lane.cycle);
      return;
    }
    log.warn("lane {}, cycle {} is overdue and sent again", lane.index, lane.cycle);
    ask(lane);
  }

  /** Nothing is overdue any more. */
  void answered(Lane lane) {
    timers.cancel(lane.index);
  }
}
