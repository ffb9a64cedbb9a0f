/** Mutual TLS between nodes: certificates, their files, Akka's engines. */
package hrm.cluster.tls;
