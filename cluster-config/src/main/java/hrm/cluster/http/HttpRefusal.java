package hrm.cluster.http;

/** Why a request is not answered: a status code and a sentence for whoever asked. */
public final class HttpRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  public HttpRefusal(int code, String message) {
    super(message);
    this.code = code;
  }

  int code() {
    return code;
  }
}
