package hrm.cluster.trace.serve;

import akka.NotUsed;
import akka.actor.ClassicActorSystemProvider;
import akka.japi.Pair;
import akka.stream.BoundedSourceQueue;
import akka.stream.QueueOfferResult;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Those who watch the same thing. Each has a short queue and no thread; whose queue is full has its
 * stream ended, and may come again. Thread-safe.
 */
final class Viewers implements AutoCloseable {
  private final Set<BoundedSourceQueue<ByteString>> queues = ConcurrentHashMap.newKeySet();
  private final ClassicActorSystemProvider system;
  private final int room;

  /**
   * @param room events in a queue
   */
  Viewers(ClassicActorSystemProvider system, int room) {
    this.system = system;
    this.room = room;
  }

  /**
   * @param first what the viewer gets at once; may be empty
   */
  Source<ByteString, NotUsed> add(ByteString first) {
    Pair<BoundedSourceQueue<ByteString>, Source<ByteString, NotUsed>> made =
        Source.<ByteString>queue(room).preMaterialize(system);
    BoundedSourceQueue<ByteString> queue = made.first();
    queues.add(queue);
    // Something must go out, or the browser does not know that the stream is open.
    queue.offer(ByteString.fromString(": hrm\n\n").concat(first));
    return made.second()
        .watchTermination(
            (unused, done) -> {
              done.whenComplete((d, e) -> queues.remove(queue));
              return unused;
            });
  }

  void send(ByteString event) {
    if (event.isEmpty()) {
      return;
    }
    for (BoundedSourceQueue<ByteString> queue : queues) {
      QueueOfferResult result = queue.offer(event);
      if (!result.equals(QueueOfferResult.enqueued())) {
        queues.remove(queue);
        end(queue);
      }
    }
  }

  private static void end(BoundedSourceQueue<ByteString> queue) {
    try {
      queue.complete();
    } catch (IllegalStateException e) {
      // It has ended already.
    }
  }

  boolean isEmpty() {
    return queues.isEmpty();
  }

  int size() {
    return queues.size();
  }

  @Override
  public void close() {
    queues.forEach(Viewers::end);
    queues.clear();
  }
}
