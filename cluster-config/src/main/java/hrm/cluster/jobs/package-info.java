/** Puzzles to Kafka and answers from it, by hand. */
package hrm.cluster.jobs;
