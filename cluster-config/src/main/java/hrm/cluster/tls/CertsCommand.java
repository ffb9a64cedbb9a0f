package hrm.cluster.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "certs",
    description = {
      "Make a certificate authority for development, and a certificate for each node.",
      "A second run takes the same authority and makes new certificates: running nodes take them"
          + " up."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "DIR/ca.key is the authority: whoever has it can join the cluster; keep it off the nodes.",
      "DIR/HOST/{ca.crt,tls.crt,tls.key} is what the node on HOST gets.",
      "",
      "Example: hrm certs --out certs --nodes a.example,b.example,10.0.0.7",
      "Example: hrm certs --out certs --nodes '*.hrm.default.svc.cluster.local' --days 30"
    })
public final class CertsCommand implements Callable<Integer> {
  private static final Duration CLOCKS = Duration.ofMinutes(5);
  private static final int AUTHORITY_DAYS = 3650;

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where to.")
  Path out;

  @Option(
      names = "--nodes",
      paramLabel = "HOST",
      required = true,
      split = ",",
      description = "By which other nodes reach each (hrm node --host); *.DOMAIN for many.")
  List<String> nodes;

  @Option(
      names = "--days",
      paramLabel = "N",
      description = "How long the nodes' certificates are valid, 1 to 3650 (default: 90).")
  int days = 90;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (days < 1 || days > AUTHORITY_DAYS) {
      throw wrong("--days %d: must be from 1 to %d".formatted(days, AUTHORITY_DAYS));
    }
    for (String node : nodes) {
      if (!node.matches("(\\*\\.)?[a-zA-Z0-9]([a-zA-Z0-9.:-]{0,252})")) {
        throw wrong(
            "--nodes names \"%s\"; use a host name, *.DOMAIN or an IP address".formatted(node));
      }
    }
    Instant from = Instant.now().minus(CLOCKS); // for nodes whose clocks are behind
    Authority authority = Authority.read(out);
    if (authority == null) {
      authority = Authority.create("hrm-ca", from, from.plus(Duration.ofDays(AUTHORITY_DAYS)));
      authority.write(out);
    }
    for (String node : nodes) {
      Path folder = out.resolve(node.replace("*.", "").replace(':', '-'));
      authority
          .issue(node, from, from.plus(Duration.ofDays(days)))
          .write(folder, authority.certificate());
      System.out.println(folder);
    }
    return 0;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
