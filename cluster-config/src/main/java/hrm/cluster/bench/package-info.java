/** Measurements that anybody can repeat, a command each. */
package hrm.cluster.bench;
