/**
 * The {@code hrm} command: {@link hrm.cluster.Main} lists its commands, each of which lies with
 * what it needs in one of the packages below.
 */
package hrm.cluster;
