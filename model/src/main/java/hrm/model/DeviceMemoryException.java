package hrm.model;

/** A device has no memory left for what was asked; it works on, with less. */
public final class DeviceMemoryException extends RuntimeException {
  public DeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
