package dev.reverb.bench.load;

import dev.reverb.bench.measure.Sample;
import dev.reverb.bench.measure.Setting;
import java.io.IOException;

/** One kind of load, with its numbers: what a row of the table measures. */
public sealed interface Scenario
        permits PublishLoad, ClientEventLoad, StormLoad, IdleLoad, PingLoad, StartUp, RoomLoad, ChannelsLoad {
    /**
     * Loads a server and measures it. The server is left running, without a connection from here.
     *
     * @throws LoadFailure if the measurement cannot count
     */
    Sample run(Setting setting) throws IOException;

    /** Whether every measurement needs a server that was just started. */
    default boolean freshServer() {
        return false;
    }
}
