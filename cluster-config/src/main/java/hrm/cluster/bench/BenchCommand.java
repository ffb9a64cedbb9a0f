package hrm.cluster.bench;

import picocli.CommandLine.Command;

/** {@code hrm bench}: measurements that anybody can repeat. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = {
      BenchEngineCommand.class,
      BenchTrainCommand.class,
      BenchPipelineCommand.class,
      BenchScalingCommand.class,
      BenchDispatcherCommand.class,
      BenchDistanceCommand.class,
      DistanceWorkerCommand.class,
      BenchFailoverCommand.class,
      BenchTraceCommand.class,
    },
    description =
        "Measure the engine, the way through Kafka and the actors, and the cluster around them.",
    footer = {"", "Example: hrm bench engine"})
public final class BenchCommand {}
