package dev.reverb.operator.report.app;

/** Whether the servers of a cluster have an application in force in the form that its aggregate Secret holds. */
public sealed interface Serving {

    /** All servers were not seen with the same file yet since the operator started, for {@code why}. */
    record Unknown(String why) implements Serving {}

    /** Every ready server has. */
    record Everywhere() implements Serving {}

    /** One has not taken it yet, or does not answer. */
    record Pending(String why) implements Serving {}

    /** A server refuses it. */
    record Refused(String why) implements Serving {}
}
