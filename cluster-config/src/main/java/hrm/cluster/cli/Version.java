package hrm.cluster.cli;

/** Of what was built here. */
public final class Version {
  public static final String NUMBER = "0.1.0";

  private Version() {}
}
