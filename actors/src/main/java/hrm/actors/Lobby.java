package hrm.actors;

import akka.actor.typed.javadsl.TimerScheduler;
import hrm.actors.Protocol.DispatcherCommand;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Jobs that wait for a planner: none beyond its deadline, and none for ever. */
final class Lobby {
  private static final Duration LONGEST = Duration.ofDays(1);

  private final Desk<?, Job> desk;
  private final TimerScheduler<DispatcherCommand> timers;
  private final InstantSource clock;
  private final InstantSource steady;
  private final Duration patience;
  private final JobEnd jobEnd;

  /**
   * @param clock by which deadlines pass
   * @param steady by which jobs wait
   * @param patience after which a job goes back to where it came from
   */
  Lobby(
      Desk<?, Job> desk,
      TimerScheduler<DispatcherCommand> timers,
      InstantSource clock,
      InstantSource steady,
      Duration patience,
      JobEnd jobEnd) {
    this.desk = desk;
    this.timers = timers;
    this.clock = clock;
    this.steady = steady;
    this.patience = patience;
    this.jobEnd = jobEnd;
  }

  /** From now on the job waits: its deadline counts, if it has one. */
  void await(Job job) {
    job.waits = steady.instant();
    watch(job);
  }

  /** The job waits no more. */
  void forget(Job job) {
    timers.cancel(job);
  }

  private void watch(Job job) {
    job.submit
        .task()
        .deadline()
        .ifPresent(
            deadline -> {
              // Capped, because a scheduler does not reach the end of time.
              Duration left = Duration.between(clock.instant(), deadline);
              Duration delay = left.compareTo(LONGEST) > 0 ? LONGEST : left;
              timers.startSingleTimer(
                  job, new Dispatcher.Expired(job), delay.isNegative() ? Duration.ZERO : delay);
            });
  }

  /** The time of a job is over, if it still waits. */
  void expire(Job job) {
    Instant now = clock.instant();
    if (!desk.waits(job.model(), job)) {
      return;
    }
    if (job.submit.task().expired(now)) {
      desk.leave(job.model(), job);
      jobEnd.expired(job, now);
    } else {
      watch(job);
    }
  }

  /** Refuses those that have waited in vain before whoever submitted them gives them up. */
  void dismiss() {
    Instant then = steady.instant().minus(patience);
    for (Job job : desk.leave(waiting -> waiting.waits.isBefore(then))) {
      forget(job);
      jobEnd.refused(job, desk.jobs(job.model()));
    }
  }
}
