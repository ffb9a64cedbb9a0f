/** Traces of a running gateway: the API behind the page, live streams, export. */
package hrm.cluster.trace.serve;
