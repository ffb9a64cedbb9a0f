package hrm.cluster.trace.serve;

import akka.http.javadsl.model.HttpRequest;
import hrm.cluster.http.HttpRefusal;
import hrm.model.Trajectory;

/** The parameters of a request about a trace, checked. */
record TraceQuery(HttpRequest request) {
  /** The last one of that name. */
  String text(String name, String otherwise) {
    return request.getUri().query().toMultiMap().getOrDefault(name, java.util.List.of()).stream()
        .reduce((first, last) -> last)
        .orElse(otherwise);
  }

  int number(String name, int otherwise, int least, int most) {
    String text = text(name, "");
    if (text.isEmpty()) {
      return otherwise;
    }
    int value = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
    if (value < least || value > most) {
      throw new HttpRefusal(400, "%s: give a number from %d to %d".formatted(name, least, most));
    }
    return value;
  }

  /** 0: the last. */
  int attempt() {
    return number("attempt", 0, 1, 1_000_000);
  }

  Trajectory.Place place() {
    return new Trajectory.Place(
        needed("segment"),
        needed("cycle"),
        number("tick", Trajectory.Place.AFTER_STEP, 0, 1_000_000));
  }

  private int needed(String name) {
    int value = number(name, 0, 1, 1_000_000);
    if (value == 0) {
      throw new HttpRefusal(
          400, "say which %s: .../tensor?segment=S&cycle=C&state=zL".formatted(name));
    }
    return value;
  }

  Trajectory.State state() {
    return switch (text("state", "zH")) {
      case "zH" -> Trajectory.State.Z_H;
      case "zL" -> Trajectory.State.Z_L;
      case "inputInjection" -> Trajectory.State.INPUT_INJECTION;
      default -> throw new HttpRefusal(400, "state: give zH, zL or inputInjection");
    };
  }
}
