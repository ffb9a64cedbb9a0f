/** A cluster at work while its parts are killed, frozen and cut off. */
package hrm.cluster.chaos;
