package hrm.gateway;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/** Sees a node's Kafka clients, for their own metrics; it never uses them otherwise. */
public interface ClientWatch {
  /** Sees nothing. */
  ClientWatch NONE =
      new ClientWatch() {
        @Override
        public Runnable opened(Consumer<?, ?> consumer) {
          return () -> {};
        }

        @Override
        public Runnable opened(Producer<?, ?> producer) {
          return () -> {};
        }
      };

  /**
   * @return run when the client is about to be closed
   */
  Runnable opened(Consumer<?, ?> consumer);

  /**
   * @return run when the client is about to be closed
   */
  Runnable opened(Producer<?, ?> producer);
}
