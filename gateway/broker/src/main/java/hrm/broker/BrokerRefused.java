package hrm.broker;

/** Why a broker cannot start here, in one sentence that says what to do. */
public final class BrokerRefused extends Exception {
  private static final long serialVersionUID = 1L;

  BrokerRefused(String message) {
    super(message);
  }

  BrokerRefused(String message, Throwable cause) {
    super(message, cause);
  }
}
