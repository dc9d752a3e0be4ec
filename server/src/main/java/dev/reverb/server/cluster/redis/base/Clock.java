package dev.reverb.server.cluster.redis.base;

/** The time of this process. Any thread. The only source of time in this package and those below it. */
public interface Clock {

    /** The clock of the machine. */
    Clock SYSTEM = new Clock() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public long millis() {
            return System.currentTimeMillis();
        }
    };

    /** Nanoseconds since an arbitrary moment; never goes back. Only differences have a meaning. */
    long nanos();

    /** Milliseconds since 1970, by a clock that may be set while the process runs. */
    long millis();
}
