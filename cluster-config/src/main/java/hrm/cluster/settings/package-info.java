/** Every setting of a node, read and checked once, and the models that it names. */
package hrm.cluster.settings;
