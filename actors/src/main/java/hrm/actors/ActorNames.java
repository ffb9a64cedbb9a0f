package hrm.actors;

import akka.actor.Address;
import akka.actor.typed.ActorRef;
import java.util.LinkedHashMap;
import java.util.Map;

/** Paths of actors with their nodes' addresses, as in trace events. For one thread. */
final class ActorNames {
  private static final int KEPT = 256;

  private final Address here;
  private final Map<ActorRef<?>, String> names =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ActorRef<?>, String> eldest) {
          return size() > KEPT;
        }
      };

  /**
   * @param here address of this node
   */
  ActorNames(Address here) {
    this.here = here;
  }

  String of(ActorRef<?> actor) {
    String known = names.get(actor);
    if (known == null) {
      known = ofOnce(actor);
      names.put(actor, known);
    }
    return known;
  }

  /** Of an actor that will not be met again. */
  String ofOnce(ActorRef<?> actor) {
    return actor.path().toStringWithAddress(here);
  }
}
