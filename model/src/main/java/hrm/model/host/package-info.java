/**
 * What the host computes for devices that have no kernel of their own for it: the ends of a model,
 * where little is computed and much would be waited for. {@link hrm.model.Kernels} inherits all.
 */
package hrm.model.host;
