package hrm.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Busy;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Pulse;
import hrm.actors.Protocol.Reached;
import hrm.actors.Protocol.Submit;
import hrm.actors.Protocol.Vacancies;
import hrm.model.Model;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Hands out jobs to planners by credit and sees that each is answered once, whichever planner dies.
 * It keeps no queue to speak of: at most the planners' credit and a few waiting jobs.
 */
final class Dispatcher extends AbstractBehavior<DispatcherCommand> {
  /** What the dispatcher tells only itself. */
  sealed interface Internal extends DispatcherCommand {}

  private record PlannersListed(Receptionist.Listing listing) implements Internal {}

  record PlannerLost(ActorRef<PlannerCommand> planner) implements Internal {}

  private record Listen() implements Internal {}

  /** The deadline of a job that was still waiting. */
  record Expired(Job job) implements Internal {}

  private final List<Model> models;
  private final ActorsSettings settings;
  private final InstantSource steady;
  private final DispatcherTrace trace;
  private final IntConsumer capacity;
  private final Meters.DispatcherMeter meter;
  private final Lobby lobby;
  private final JobEnd jobEnd;
  private final Desk<ActorRef<PlannerCommand>, Job> desk = new Desk<>();

  /** What the receptionist said last, by model. */
  private final Map<String, Set<ActorRef<PlannerCommand>>> listed = new HashMap<>();

  /**
   * @param clock by which deadlines pass
   * @param steady a clock that nobody sets, by which jobs wait and planners are silent: were it the
   *     other one, its correction would make all of them so at once
   * @param capacity is told how many jobs may be in hand: what all planners together are willing to
   *     hold, and those that wait, which take nothing of that
   */
  static Behavior<DispatcherCommand> create(
      List<Model> models,
      ActorsSettings settings,
      InstantSource clock,
      InstantSource steady,
      Tracing tracing,
      IntConsumer capacity,
      Meters meters) {
    return Behaviors.setup(
        actor ->
            Behaviors.withTimers(
                timer ->
                    new Dispatcher(
                        actor, timer, models, settings, clock, steady, tracing, capacity, meters)));
  }

  private Dispatcher(
      ActorContext<DispatcherCommand> context,
      TimerScheduler<DispatcherCommand> timers,
      List<Model> models,
      ActorsSettings settings,
      InstantSource clock,
      InstantSource steady,
      Tracing tracing,
      IntConsumer capacity,
      Meters meters) {
    super(context);
    this.models = models;
    this.settings = settings;
    this.steady = steady;
    this.trace = new DispatcherTrace(tracing, context.getSystem(), context.getSelf());
    this.capacity = capacity;
    this.meter = meters.dispatcher();
    Results results = new Results(context.getSystem().address().toString());
    this.jobEnd = new JobEnd(results, steady, trace, meters);
    this.lobby =
        new Lobby(desk, timers, clock, steady, settings.answerTimeout().dividedBy(2), jobEnd);
    meetPlanners();
    measureModels();
    timers.startTimerWithFixedDelay(new Listen(), settings.pulse());
  }

  private void meetPlanners() {
    ActorRef<Receptionist.Listing> listings =
        getContext().messageAdapter(Receptionist.Listing.class, PlannersListed::new);
    for (Model model : models) {
      getContext()
          .getSystem()
          .receptionist()
          .tell(Receptionist.subscribe(Planner.key(model), listings));
    }
  }

  @Override
  public Receive<DispatcherCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(Submit.class, this::onSubmit)
        .onMessage(Vacancies.class, this::onVacancies)
        .onMessage(Pulse.class, this::onPulse)
        .onMessage(Listen.class, this::onListen)
        .onMessage(Reached.class, this::onReached)
        .onMessage(Finished.class, this::onFinished)
        .onMessage(Expired.class, this::onExpired)
        .onMessage(PlannersListed.class, this::onPlannersListed)
        .onMessage(PlannerLost.class, this::onPlannerLost)
        .build();
  }

  private Behavior<DispatcherCommand> onSubmit(Submit submit) {
    String model = submit.task().model().identity();
    int room = desk.credit(model) + settings.waiting();
    if (desk.jobs(model) >= room) {
      submit.replyTo().tell(new Busy(room));
      return this;
    }
    Job job = new Job(submit, steady.instant(), trace.submitted(submit));
    desk.wait(model, job);
    meter.submitted.increment();
    lobby.await(job);
    handOut();
    return this;
  }

  private void handOut() {
    desk.handOut(steady.instant(), this::admit);
    measure();
  }

  private void measure() {
    capacity.accept(desk.credit() + desk.waiting());
    meter.waiting = desk.waiting();
    meter.inFlight = desk.jobs() - desk.waiting();
    meter.credit = desk.credit();
    meter.planners = desk.planners();
  }

  /** Not with each job: they are many. */
  private void measureModels() {
    meter.models = desk.report(models);
  }

  private void admit(long ticket, Job job, ActorRef<PlannerCommand> planner) {
    lobby.forget(job);
    job.handed++;
    planner.tell(
        new Admit(
            ticket,
            job.submit.task().job(),
            job.submit.attempt(),
            Duration.between(job.arrived, steady.instant()),
            job.reached,
            getContext().getSelf(),
            trace.admit(job.trace, job.handed, planner, job.reached)));
  }

  private Behavior<DispatcherCommand> onVacancies(Vacancies vacancies) {
    desk.limit(vacancies.planner(), vacancies.limit(), steady.instant());
    handOut();
    return this;
  }

  private Behavior<DispatcherCommand> onPulse(Pulse pulse) {
    Instant now = steady.instant();
    desk.limit(pulse.planner(), pulse.limit(), now);
    Set<Long> tickets = Set.copyOf(pulse.tickets());
    Instant then = now.minus(settings.silence());
    List<Job> missing = desk.missing(pulse.planner(), pulse.lastTicket(), tickets, then);
    if (!missing.isEmpty()) {
      getContext()
          .getLog()
          .warn("planner {} never had or lost {} jobs", pulse.planner(), missing.size());
      handOver(missing);
    }
    handOut();
    return this;
  }

  /**
   * Planners that say nothing, though they can be reached: a message to or from them was lost. And
   * those reported dead that are listed still: while a restarted node's old life is in quarantine,
   * Akka answers a watch of its new one with "terminated", and the listing does not change again.
   */
  private Behavior<DispatcherCommand> onListen(Listen listen) {
    desk.silentSince(steady.instant().minus(settings.silence()))
        .forEach(planner -> lose(planner, "says nothing"));
    listed.forEach(this::enlist);
    lobby.dismiss();
    handOut();
    measureModels();
    return this;
  }

  private Behavior<DispatcherCommand> onReached(Reached reached) {
    desk.heard(reached.ticket(), steady.instant());
    Optional<Job> of = desk.job(reached.ticket());
    trace.arrived("Reached", reached.trail(), of.map(job -> job.trace));
    of.ifPresent(job -> job.reached = Optional.of(reached.progress()));
    return this;
  }

  private Behavior<DispatcherCommand> onFinished(Finished finished) {
    desk.heard(finished.ticket(), steady.instant());
    desk.judge(finished.ticket(), !finished.outcome().isOdd(), steady.instant());
    // A ticket that is not known is a lost planner's late answer: the job has another ticket now.
    Optional<Job> of = desk.finish(finished.ticket());
    trace.arrived("Finished", finished.trail(), of.map(job -> job.trace));
    of.ifPresent(job -> jobEnd.finished(job, finished));
    handOut();
    return this;
  }

  private Behavior<DispatcherCommand> onExpired(Expired expired) {
    lobby.expire(expired.job());
    measure();
    return this;
  }

  private Behavior<DispatcherCommand> onPlannersListed(PlannersListed news) {
    for (Model model : models) {
      if (news.listing().isForKey(Planner.key(model))) {
        Set<ActorRef<PlannerCommand>> reachable =
            news.listing().getServiceInstances(Planner.key(model));
        listed.put(model.identity(), reachable);
        desk.vanished(model.identity(), reachable)
            .forEach(planner -> lose(planner, "cannot be reached"));
        enlist(model.identity(), reachable);
      }
    }
    handOut();
    measureModels();
    return this;
  }

  /** Gets to know those planners that it does not know. */
  private void enlist(String model, Set<ActorRef<PlannerCommand>> reachable) {
    for (ActorRef<PlannerCommand> planner : desk.list(model, reachable, steady.instant())) {
      getContext().watchWith(planner, new PlannerLost(planner));
      planner.tell(new Enlist(getContext().getSelf()));
    }
  }

  private Behavior<DispatcherCommand> onPlannerLost(PlannerLost lost) {
    lose(lost.planner(), "is lost");
    handOut();
    measureModels();
    return this;
  }

  /** Its jobs go to others at once; should it still answer, their tickets are void. */
  private void lose(ActorRef<PlannerCommand> planner, String how) {
    List<Job> stranded = desk.lose(planner);
    if (!stranded.isEmpty()) {
      getContext()
          .getLog()
          .warn("planner {} {}; its {} jobs go to others", planner, how, stranded.size());
    }
    handOver(stranded);
  }

  /** What a planner never had counts, too: a job may be too large for a frame each time. */
  private void handOver(List<Job> jobs) {
    meter.handovers.add(jobs.size());
    for (int i = jobs.size() - 1; i >= 0; i--) { // the oldest is put in front last
      Job job = jobs.get(i);
      if (job.handed > settings.maxHandovers()) {
        jobEnd.givenUp(job);
      } else {
        desk.waitInFront(job.model(), job);
        lobby.await(job);
      }
    }
  }
}
