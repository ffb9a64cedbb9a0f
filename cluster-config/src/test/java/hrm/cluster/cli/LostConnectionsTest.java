package hrm.cluster.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LostConnectionsTest {
  private static final String FAILED =
      "[outbound connection to [akka://hrm@%s:2551], %s stream] Upstream failed, cause: refused";

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may overflow
  private final LoggerContext context = new LoggerContext();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private Logger akka;

  @BeforeEach
  void start() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.addTurboFilter(new LostConnections(clock::get));
    lines.start();
    context.getLogger("ROOT").addAppender(lines);
    akka = context.getLogger("akka.stream.Materializer");
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  @Test
  void oneLineAnAddress_everyTenSeconds() {
    akka.warn("{}", FAILED.formatted("a", "control"));
    akka.warn("{}", FAILED.formatted("a", "message"));
    akka.warn(FAILED.formatted("a", "large message"));
    akka.warn("{}", FAILED.formatted("b", "control"));
    clock.addAndGet(TimeUnit.SECONDS.toNanos(10));
    akka.warn("{}", FAILED.formatted("a", "message"));
    assertEquals(
        List.of(
            FAILED.formatted("a", "control"),
            FAILED.formatted("b", "control"),
            FAILED.formatted("a", "message")),
        lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
  }

  @Test
  void whatElseIsSaid_passes() {
    for (int i = 0; i < 2; i++) {
      akka.warn("{}", "[sender] Upstream failed, cause: too large");
      context.getLogger("hrm").warn(FAILED.formatted("a", "control"));
    }
    assertEquals(4, lines.list.size());
  }
}
