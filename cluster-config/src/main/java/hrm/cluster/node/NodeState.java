package hrm.cluster.node;

import java.util.concurrent.atomic.AtomicReference;

/** How far a node is: it starts, serves, drains, and never goes back. */
final class NodeState {
  private final AtomicReference<String> name = new AtomicReference<>(Node.STARTING);

  /** As reports say it. */
  String name() {
    return name.get();
  }

  /** Returns false where the node's end has begun before. */
  boolean serve() {
    return name.compareAndSet(Node.STARTING, Node.SERVING);
  }

  /** Returns false where it does not serve. */
  boolean leave() {
    return name.compareAndSet(Node.SERVING, Node.DRAINING);
  }

  /** Whatever it did. */
  void end() {
    name.set(Node.DRAINING);
  }
}
