/** The door of a node for people and programs: routes, who may pass, how it answers. */
package hrm.cluster.http;
