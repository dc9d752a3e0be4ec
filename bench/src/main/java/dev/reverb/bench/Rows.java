package dev.reverb.bench;

import dev.reverb.bench.Row.Figure;
import dev.reverb.bench.load.ChannelsLoad;
import dev.reverb.bench.load.ClientEventLoad;
import dev.reverb.bench.load.IdleLoad;
import dev.reverb.bench.load.PingLoad;
import dev.reverb.bench.load.PublishLoad;
import dev.reverb.bench.load.PublishLoad.Interest;
import dev.reverb.bench.load.RoomLoad;
import dev.reverb.bench.load.StartUp;
import dev.reverb.bench.load.StormLoad;
import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.target.Setup;
import java.util.List;
import java.util.stream.Stream;

/** The catalogue of rows and goals. */
public final class Rows {
    private static final Goal NO_GOAL = new Goal.None();

    private static final List<Row> OF_ONE = List.of(
            new Row("fan-out-1000", "fan-out, 1 channel × 1,000 subscribers, 4 publishes in flight",
                    new PublishLoad(1, 1000, 4, 0, false),
                    List.of(new Figure(Measure.DELIVERIES, new Goal.AtLeastTimesFloor(2.5)),
                            new Figure(Measure.CPU_PER_DELIVERY, new Goal.AtMostTimesFloor(0.42)))),
            new Row("fan-out-5000", "fan-out, 1 channel × 5,000 subscribers, 4 publishes in flight",
                    new PublishLoad(1, 5000, 4, 0, false),
                    List.of(new Figure(Measure.DELIVERIES, new Goal.AtLeastTimesFloor(2.2)),
                            new Figure(Measure.CPU_PER_DELIVERY, NO_GOAL))),
            new Row("calm", "fan-out at a calm 20 publishes/s × 1,000 subscribers",
                    new PublishLoad(1, 1000, 4, 20, false),
                    List.of(new Figure(Measure.CPU_PER_DELIVERY, new Goal.AtMostTimesFloor(1.6)),
                            new Figure(Measure.P99_LATENCY, new Goal.AtMostTimesFloor(2)),
                            new Figure(Measure.MEDIAN_LATENCY, NO_GOAL))),
            new Row("publish",
                    "signed publishes over HTTP, 2,000 channels × 1 subscriber, 32 in flight, reader never sleeps",
                    new PublishLoad(2000, 1, 32, 0, true),
                    List.of(new Figure(Measure.PUBLICATIONS, new Goal.AtLeastTimesFloor(0.75)),
                            new Figure(Measure.CPU_PER_PUBLICATION, NO_GOAL))),
            new Row("client-events", "client events, 100 rooms × 10, 32 in flight, reader never sleeps",
                    new ClientEventLoad(100, 10, 32, true),
                    List.of(new Figure(Measure.DELIVERIES, new Goal.AtLeastTimesPeer(2)),
                            new Figure(Measure.CPU_PER_DELIVERY, NO_GOAL))),
            new Row("scattered", "200 channels × 50 subscribers in turn, 200 publishes in flight, reader never sleeps",
                    new PublishLoad(200, 50, 200, 0, true),
                    List.of(new Figure(Measure.DELIVERIES, new Goal.AtLeastTimesFloor(0.75)),
                            new Figure(Measure.CPU_PER_DELIVERY, NO_GOAL))),
            new Row("storm", "connect + subscribe storm, 64 at a time", new StormLoad(8000, 200, 64, false),
                    List.of(new Figure(Measure.CONNECTIONS, new Goal.AtLeastTimesFloor(0.5)),
                            new Figure(Measure.CPU_PER_CONNECTION, NO_GOAL))),
            new Row("storm-cold", "the same upon a server that was just started: its first 8,000 connections",
                    new StormLoad(8000, 200, 64, true),
                    List.of(new Figure(Measure.CPU_PER_CONNECTION, NO_GOAL), new Figure(Measure.CONNECTIONS, NO_GOAL))),
            new Row("memory", "memory per idle subscribed connection, 10,000 connections",
                    new IdleLoad(1000, 10_000, 200, false),
                    List.of(new Figure(Measure.MEMORY_PER_CONNECTION, new Goal.AtMost(4)),
                            new Figure(Measure.KERNEL_MEMORY, NO_GOAL))),
            new Row("memory-live", "the same with the garbage collected before both looks",
                    new IdleLoad(1000, 10_000, 200, true), List.of(new Figure(Measure.MEMORY_PER_CONNECTION, NO_GOAL))),
            new Row("crossing",
                    "crossing nodes (in the floor's place: one node), 1 channel × 1,000 subscribers, 4 "
                            + "publishes in flight",
                    new PublishLoad(1, 1000, 4, 0, false),
                    List.of(new Figure(Measure.DELIVERIES, NO_GOAL), new Figure(Measure.CPU_PER_DELIVERY, NO_GOAL),
                            new Figure(Measure.P99_LATENCY, NO_GOAL)),
                    Setup.ACROSS),
            new Row("crossing-calm",
                    "crossing nodes (in the floor's place: one node) at a calm 20 publishes/s × 1,000 subscribers",
                    new PublishLoad(1, 1000, 4, 20, false),
                    List.of(new Figure(Measure.CPU_PER_DELIVERY, NO_GOAL), new Figure(Measure.P99_LATENCY, NO_GOAL),
                            new Figure(Measure.MEDIAN_LATENCY, NO_GOAL)),
                    Setup.ACROSS),
            new Row("crossing-publish",
                    "crossing nodes (in the floor's place: one node), 200 channels × 1 subscriber, 32 "
                            + "publishes in flight",
                    new PublishLoad(200, 1, 32, 0, false),
                    List.of(new Figure(Measure.PUBLICATIONS, new Goal.AtLeastTimesFloor(0.5)),
                            new Figure(Measure.CPU_PER_PUBLICATION, new Goal.AtMostTimesFloor(2)),
                            new Figure(Measure.REDIS_PER_PUBLICATION, NO_GOAL),
                            new Figure(Measure.P99_LATENCY, NO_GOAL)),
                    Setup.ACROSS),
            new Row("scaled-publish",
                    "scaling on and nobody elsewhere (in the floor's place: off), 2,000 channels × 1 "
                            + "subscriber, 32 in flight, reader never sleeps",
                    new PublishLoad(2000, 1, 32, 0, true),
                    List.of(new Figure(Measure.PUBLICATIONS, new Goal.AtLeastTimesFloor(0.8)),
                            new Figure(Measure.CPU_PER_PUBLICATION, NO_GOAL),
                            new Figure(Measure.REDIS_PER_PUBLICATION, NO_GOAL)),
                    Setup.SCALED),
            new Row("resume-fan-out",
                    "all clients take part in resuming (in the floor's place: no history), 1 channel × 1,000 "
                            + "subscribers, 4 publishes in flight",
                    new PublishLoad(1, 1000, 4, 0, false),
                    List.of(new Figure(Measure.DELIVERIES, NO_GOAL), new Figure(Measure.CPU_PER_DELIVERY, NO_GOAL)),
                    Setup.HISTORY),
            new Row("resume-publish",
                    "all clients take part in resuming (in the floor's place: no history), 2,000 channels × 1 "
                            + "subscriber, 32 in flight, reader never sleeps",
                    new PublishLoad(2000, 1, 32, 0, true),
                    List.of(new Figure(Measure.PUBLICATIONS, NO_GOAL),
                            new Figure(Measure.CPU_PER_PUBLICATION, NO_GOAL)),
                    Setup.HISTORY),
            new Row("idle-30", "5,000 idle connections whose clients ping every 30 s", new PingLoad(5000, 200, 30),
                    List.of(new Figure(Measure.CPU_PER_IDLE_CONNECTION, NO_GOAL))),
            new Row("idle-60", "5,000 idle connections whose clients ping every 60 s", new PingLoad(5000, 200, 60),
                    List.of(new Figure(Measure.CPU_PER_IDLE_CONNECTION, NO_GOAL))),
            new Row("start", "start", new StartUp(), List.of(new Figure(Measure.MEMORY_AT_START, new Goal.AtMost(100)),
                    new Figure(Measure.TIME_TO_ACCEPT, new Goal.AtMost(0.5)))));

    /** Rows that show how a cluster grows. */
    private static final List<Row> GROWTH = List.of(grown(Setup.NODES_1, Interest.ONE),
            grown(Setup.NODES_2, Interest.ONE), grown(Setup.NODES_4, Interest.ONE), grown(Setup.NODES_8, Interest.ONE),
            grown(Setup.NODES_1, Interest.ALL), grown(Setup.NODES_2, Interest.ALL), grown(Setup.NODES_4, Interest.ALL),
            grown(Setup.NODES_8, Interest.ALL),
            new Row("channels-100000",
                    "100,000 channels with one subscriber each, scaling on (in the floor's place: off)",
                    new ChannelsLoad(1000, 100),
                    List.of(new Figure(Measure.CPU_PER_CHANNEL, NO_GOAL),
                            new Figure(Measure.MEMORY_PER_CHANNEL, NO_GOAL),
                            new Figure(Measure.REDIS_PER_CHANNEL, NO_GOAL)),
                    Setup.SCALED),
            new Row("apps-5000", "start with 5,000 applications (in the floor's place: with one)", new StartUp(),
                    List.of(new Figure(Measure.MEMORY_AT_START, NO_GOAL), new Figure(Measure.TIME_TO_ACCEPT, NO_GOAL)),
                    Setup.APPS),
            new Row("room-10000", "a presence room of 10,000 at one of two nodes, and one member at the other",
                    new RoomLoad(10_000, 64),
                    List.of(new Figure(Measure.JOINS, NO_GOAL), new Figure(Measure.CPU_PER_JOIN, NO_GOAL),
                            new Figure(Measure.SNAPSHOT, NO_GOAL), new Figure(Measure.JOIN_TIME, NO_GOAL),
                            new Figure(Measure.REJOIN_TIME, NO_GOAL), new Figure(Measure.CPU_PER_REJOIN, NO_GOAL)),
                    Setup.NODES_2));

    /** Every row, in the report's order. */
    public static final List<Row> ALL = Stream.concat(OF_ONE.stream(), GROWTH.stream()).toList();

    private static Row grown(Setup setup, Interest interest) {
        int nodes = setup.nodes();
        String who = nodes == 1 ? "1 node, its own"
                : interest == Interest.ONE ? nodes + " nodes, one" : nodes + " nodes, all";
        return new Row((interest == Interest.ONE ? "sparse-" : "dense-") + nodes,
                who + " with subscribers in 200 channels, 200 publishes/s at the first",
                new PublishLoad(200, 1, 32, 200, false, interest),
                List.of(new Figure(Measure.FRAMES_PER_PUBLICATION, NO_GOAL),
                        new Figure(Measure.BYTES_PER_PUBLICATION, NO_GOAL),
                        new Figure(Measure.REDIS_ABOVE_REST, NO_GOAL), new Figure(Measure.REDIS_AT_REST, NO_GOAL),
                        new Figure(Measure.CPU_PER_PUBLICATION, NO_GOAL)),
                setup);
    }

    private Rows() {}
}
