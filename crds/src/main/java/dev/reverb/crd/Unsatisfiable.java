package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether a server may run where it would make the spread uneven. */
public enum Unsatisfiable {
    @JsonProperty("ScheduleAnyway")
    SCHEDULE_ANYWAY("ScheduleAnyway"), @JsonProperty("DoNotSchedule")
    DO_NOT_SCHEDULE("DoNotSchedule");

    private final String value;

    Unsatisfiable(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
