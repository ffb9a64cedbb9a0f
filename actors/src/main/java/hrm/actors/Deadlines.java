package hrm.actors;

import akka.actor.typed.javadsl.TimerScheduler;
import hrm.actors.Protocol.DispatcherCommand;
import java.time.Duration;
import java.time.InstantSource;

/** The deadlines of jobs that wait for a planner; the dispatcher is told of each that passes. */
final class Deadlines {
  private static final Duration LONGEST = Duration.ofDays(1);

  private final TimerScheduler<DispatcherCommand> timers;
  private final InstantSource clock;

  Deadlines(TimerScheduler<DispatcherCommand> timers, InstantSource clock) {
    this.timers = timers;
    this.clock = clock;
  }

  /** From now on the job waits: its deadline counts, if it has one. */
  void await(Job job) {
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

  /** The job waits no more. */
  void forget(Job job) {
    timers.cancel(job);
  }
}
