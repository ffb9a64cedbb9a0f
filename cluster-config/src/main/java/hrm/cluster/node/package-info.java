/**
 * A node from start to end: its actors, its health, its metrics. The only place that wires them to
 * Kafka.
 */
package hrm.cluster.node;
