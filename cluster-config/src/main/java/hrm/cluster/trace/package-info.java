/** What a trace means: pure functions from its events, and its forms for other tools. */
package hrm.cluster.trace;
