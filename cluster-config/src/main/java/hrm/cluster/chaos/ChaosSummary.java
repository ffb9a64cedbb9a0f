package hrm.cluster.chaos;

/** What came of a {@link Chaos}; named as in its JSON. */
record ChaosSummary(
    long seed,
    int jobs,
    int results,
    int lost,
    int duplicates,
    int dead_lettered,
    int later_attempts,
    long kills,
    long freezes,
    long broker_kills,
    long cuts,
    int restarts,
    boolean whole,
    int unclean_stops,
    double seconds) {
  boolean good() {
    return lost == 0 && duplicates == 0 && dead_lettered == 0 && whole && unclean_stops == 0;
  }
}
