/**
 * What is done with a model outside a node: trained, evaluated, imported, looked into; and its
 * data.
 */
package hrm.cluster.models;
