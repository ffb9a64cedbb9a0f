package hrm.gateway;

/** What a poll was to bring did not fit the heap. */
final class RecordsTooLarge extends RuntimeException {
  private static final long serialVersionUID = 1;

  RecordsTooLarge(OutOfMemoryError cause) {
    super("records did not fit the heap; they are read again, one by one", cause);
  }
}
