/** Broker and nodes as processes of this machine: the demo, and a cluster to try. */
package hrm.cluster.local;
