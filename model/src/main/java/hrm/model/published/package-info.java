/**
 * Published checkpoints of HRM and TRM (sapientinc/HRM, SamsungSAILMontreal/TinyRecursiveModels) as
 * models of this project: names, copies by exponential moving average, configs, model cards.
 */
package hrm.model.published;
