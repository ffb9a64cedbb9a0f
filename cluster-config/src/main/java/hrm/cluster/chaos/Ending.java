package hrm.cluster.chaos;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why a node has ended: that it was put out of its cluster, or else the last warning or error
 * before it began to stop. What follows that, its connections that break and the command's own last
 * line, says only that it stops.
 */
final class Ending {
  private static final String STOPPING = " Departure: stopping: takes no more jobs";
  private static final Pattern TROUBLE = Pattern.compile("\\S+ (?:WARN |ERROR) (\\w+: .*)");
  private static final Pattern PUT_OUT =
      Pattern.compile("is downing .* including myself|this member has been downed");
  private static final Pattern ITSELF = Pattern.compile("Cluster Node \\[[^\\]]*\\] - ");
  private static final Pattern MEMBERS = Pattern.compile(", all members in DC .*");

  private Ending() {}

  /**
   * @param lines of the node's log, the latest at the end
   * @param called names of nodes by their addresses
   */
  static String why(List<String> lines, Map<String, String> called) {
    String why = "";
    boolean putOut = false;
    String last = "it said nothing";
    for (String line : lines) {
      if (line.contains(STOPPING) && !why.isEmpty()) {
        break;
      }
      Matcher trouble = TROUBLE.matcher(line);
      boolean decided = PUT_OUT.matcher(line).find();
      if (trouble.lookingAt() && (decided || !putOut)) {
        why = trouble.group(1);
        putOut = decided;
      }
      last = line;
    }
    return readable(why.isEmpty() ? last : why, called);
  }

  private static String readable(String text, Map<String, String> called) {
    String shown = MEMBERS.matcher(ITSELF.matcher(text).replaceAll("")).replaceAll("");
    for (Map.Entry<String, String> node : called.entrySet()) {
      shown = shown.replace(node.getKey(), node.getValue());
    }
    return shown;
  }
}
