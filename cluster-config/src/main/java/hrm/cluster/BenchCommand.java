package hrm.cluster;

import picocli.CommandLine.Command;

/** {@code hrm bench}: measurements that anybody can repeat. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = {
      BenchEngineCommand.class,
      BenchTrainCommand.class,
      BenchPipelineCommand.class,
      BenchFailoverCommand.class
    },
    description = "Measures the engine alone, or the whole way through Kafka and the actors.",
    footer = {"", "Example: hrm bench engine"})
final class BenchCommand {}
