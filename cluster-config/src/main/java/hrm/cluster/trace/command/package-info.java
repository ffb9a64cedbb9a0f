/** Traces on a terminal. */
package hrm.cluster.trace.command;
