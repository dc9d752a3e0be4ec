package dev.reverb.bench.measure;

import dev.reverb.bench.crowd.LoadLoop;
import dev.reverb.bench.target.Target;
import dev.reverb.testkit.Credentials;

/**
 * What a scenario runs in.
 *
 * @param loop the load's loop
 * @param target the server to load
 * @param app the application to speak to
 * @param cores who runs where
 * @param timing how long it takes
 */
public record Setting(LoadLoop loop, Target target, Credentials app, Cores cores, Timing timing) {
    public Meter meter() {
        return new Meter(loop, target, cores);
    }
}
