package hrm.cluster.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Marker;

/**
 * Akka warns of a node that cannot be reached once for each of its three streams and at each try;
 * of these warnings one an address and ten seconds passes. Used by logback.xml.
 */
public final class LostConnections extends TurboFilter {
  private static final String LOGGER = "akka.stream.Materializer";
  private static final Pattern ADDRESS =
      Pattern.compile("\\[outbound connection to \\[([^]]*)], .*", Pattern.DOTALL);
  private static final long PERIOD_NANOS = 10_000_000_000L;
  private static final int MOST_ADDRESSES = 1000;

  private final LongSupplier clock;
  private final Map<String, Long> said = new HashMap<>();

  public LostConnections() {
    this(System::nanoTime);
  }

  /**
   * @param clock nanoseconds
   */
  LostConnections(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  public FilterReply decide(
      Marker marker, Logger logger, Level level, String format, Object[] parameters, Throwable t) {
    if (format == null || !logger.getName().equals(LOGGER)) {
      return FilterReply.NEUTRAL;
    }
    boolean filled = format.equals("{}") && parameters != null && parameters.length == 1;
    Matcher address = ADDRESS.matcher(filled ? String.valueOf(parameters[0]) : format);
    return !address.matches() || isDue(address.group(1)) ? FilterReply.NEUTRAL : FilterReply.DENY;
  }

  private synchronized boolean isDue(String address) {
    long now = clock.getAsLong();
    Long last = said.get(address);
    if (last != null && now - last < PERIOD_NANOS) {
      return false;
    }
    if (said.size() >= MOST_ADDRESSES) {
      said.clear();
    }
    said.put(address, now);
    return true;
  }
}
