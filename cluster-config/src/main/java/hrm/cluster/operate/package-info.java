/**
 * For whoever runs a cluster: how it stands, a node that is to leave, what is wrong with a machine.
 */
package hrm.cluster.operate;
