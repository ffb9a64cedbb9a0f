package hrm.model;

/**
 * A device has failed: nothing that was opened on it works any more, and what it held is lost.
 * {@link Backend#open} starts it anew, or says that it cannot.
 */
public final class BrokenDeviceException extends RuntimeException {
  public BrokenDeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
