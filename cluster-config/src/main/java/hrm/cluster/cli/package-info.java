/** What all commands share: how they fail, where their settings come from, how they print. */
package hrm.cluster.cli;
