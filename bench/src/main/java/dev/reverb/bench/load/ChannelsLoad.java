package dev.reverb.bench.load;

import dev.reverb.bench.crowd.ClientFrame;
import dev.reverb.bench.crowd.FrameSocket;
import dev.reverb.bench.crowd.LoadFailure;
import dev.reverb.bench.crowd.Wire;
import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Meter;
import dev.reverb.bench.measure.Sample;
import dev.reverb.bench.measure.Setting;
import dev.reverb.bench.target.ProcessFigures;
import dev.reverb.bench.target.RedisServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Many channels with one subscriber each: connections that subscribe to many channels.
 *
 * @param connections how many
 * @param each how many channels each of them subscribes to
 */
public record ChannelsLoad(int connections, int each) implements Scenario {
    private static final int AT_ONCE = 16;
    private static final long LONGEST_NANOS = 120_000_000_000L;
    private static final long SETTLE_NANOS = 4_000_000_000L;

    @Override
    public boolean freshServer() {
        return true;
    }

    @Override
    public Sample run(Setting setting) throws IOException {
        Meter meter = setting.meter();
        ProcessFigures server = setting.target().figures();
        try (Run run = new Run(setting)) {
            run.open();
            server.collectGarbage();
            long before = server.residentBytes();
            long redisBefore = redisMemory(setting);
            Meter.Reading from = meter.read();
            run.subscribe();
            Meter.Reading until = meter.read();
            LockSupport.parkNanos(SETTLE_NANOS); // counts go to Redis a moment later
            server.collectGarbage();
            double channels = (double) connections * each;
            Map<Measure, Double> values = new EnumMap<>(Measure.class);
            values.put(Measure.CPU_PER_CHANNEL, from.serverMicros(until) / channels);
            values.put(Measure.MEMORY_PER_CHANNEL, (server.residentBytes() - before) / 1024.0 / channels);
            if (setting.target().redis().isPresent()) {
                values.put(Measure.REDIS_PER_CHANNEL, (redisMemory(setting) - redisBefore) / channels);
            }
            return meter.sample(from, until, values);
        }
    }

    private static long redisMemory(Setting setting) throws IOException {
        Optional<RedisServer> redis = setting.target().redis();
        return redis.isPresent() ? redis.get().figures().memory() : 0;
    }

    private final class Run implements FrameSocket.Receiver, AutoCloseable {
        private final Setting setting;
        private final List<FrameSocket> sockets = new ArrayList<>();
        private int greeted;
        private int subscribed;

        Run(Setting setting) {
            this.setting = setting;
        }

        void open() throws IOException {
            ByteBuffer upgrade = ClientFrame.upgrade(setting.app().key());
            while (sockets.size() < connections) {
                sockets.add(new FrameSocket(setting.loop(), setting.target().address(), upgrade, this));
                await(() -> greeted > sockets.size() - AT_ONCE);
            }
            await(() -> greeted == connections);
        }

        void subscribe() throws IOException {
            int channel = 0;
            for (FrameSocket socket : sockets) {
                for (int i = 0; i < each; i++) {
                    socket.send(
                            ClientFrame.text("{\"event\":\"pusher:subscribe\",\"data\":{\"auth\":\"\",\"channel\":\""
                                    + Wire.channel(channel++) + "\"}}"));
                }
                int sent = channel;
                await(() -> subscribed > sent - AT_ONCE * each);
            }
            int all = channel;
            await(() -> subscribed == all);
        }

        private void await(BooleanSupplier condition) throws IOException {
            setting.loop()
                    .await(condition, LONGEST_NANOS,
                            () -> greeted + " connections and " + subscribed + " subscriptions after 120 s");
        }

        @Override
        public void received(FrameSocket socket, long bytes, String start) throws IOException {
            if (start.contains("connection_established")) {
                greeted++;
            } else if (start.contains("subscription_succeeded")) {
                subscribed++;
            } else {
                throw new LoadFailure("a subscriber received " + start);
            }
        }

        @Override
        public void close() throws IOException {
            for (FrameSocket socket : sockets) {
                socket.cut();
            }
            setting.loop().forgetClosed();
        }
    }
}
