package hrm.actors;

import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.PostStop;
import akka.actor.typed.Signal;
import akka.actor.typed.TypedActorContext;
import hrm.actors.Protocol.Busy;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Outcome;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * A dispatcher's end, for those who wait for its answers: nobody tells them, since a question does
 * not watch whom it asks.
 */
final class DispatcherLife extends BehaviorInterceptor<DispatcherCommand, DispatcherCommand> {
  private final Set<CompletableFuture<Outcome>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean over;
  private volatile boolean failed;

  DispatcherLife() {
    super(DispatcherCommand.class);
  }

  /** It answers nobody any more. */
  boolean isOver() {
    return over;
  }

  /**
   * Its answer. Where it was stopped before, the job was for nothing and may go elsewhere, as when
   * there is no room; where it failed, that may have been of this job, and counts.
   */
  CompletionStage<Outcome> orItsEnd(Supplier<CompletionStage<Outcome>> question) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    if (over) {
      outcome.complete(new Busy(0));
      return outcome;
    }
    open.add(outcome);
    question
        .get()
        .whenComplete(
            (answer, failure) -> {
              if (failure == null) {
                outcome.complete(answer);
              } else if (over) {
                end(outcome);
              } else {
                outcome.completeExceptionally(failure);
              }
              open.remove(outcome);
            });
    if (over) {
      end(outcome); // it came too late to be among those that were open
    }
    return outcome;
  }

  private void end(CompletableFuture<Outcome> outcome) {
    if (failed) {
      outcome.completeExceptionally(new IllegalStateException("the dispatcher failed"));
    } else {
      outcome.complete(new Busy(0));
    }
    open.remove(outcome);
  }

  @Override
  public Behavior<DispatcherCommand> aroundReceive(
      TypedActorContext<DispatcherCommand> context,
      DispatcherCommand message,
      ReceiveTarget<DispatcherCommand> target) {
    try {
      return target.apply(context, message);
    } catch (RuntimeException | Error e) {
      failed = true;
      throw e;
    }
  }

  @Override
  public Behavior<DispatcherCommand> aroundSignal(
      TypedActorContext<DispatcherCommand> context,
      Signal signal,
      SignalTarget<DispatcherCommand> target) {
    if (signal instanceof PostStop) {
      over = true;
      open.forEach(this::end);
    }
    return target.apply(context, signal);
  }
}
