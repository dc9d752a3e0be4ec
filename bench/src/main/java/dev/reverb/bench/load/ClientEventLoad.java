package dev.reverb.bench.load;

import dev.reverb.bench.crowd.ClientFrame;
import dev.reverb.bench.crowd.Crowd;
import dev.reverb.bench.crowd.LoadFailure;
import dev.reverb.bench.crowd.LoadLoop;
import dev.reverb.bench.crowd.Stopwatch;
import dev.reverb.bench.crowd.Subscriber;
import dev.reverb.bench.crowd.Wire;
import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Meter;
import dev.reverb.bench.measure.Sample;
import dev.reverb.bench.measure.Setting;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Client events: in each private room the members send in turn, and every other member receives.
 *
 * @param rooms how many rooms
 * @param members how many connections each room has
 * @param inFlight how many rooms have an event on its way at a time
 * @param polling whether the reader never sleeps
 */
public record ClientEventLoad(int rooms, int members, int inFlight, boolean polling) implements Scenario {
    private static final int AT_ONCE = 64;

    @Override
    public Sample run(Setting setting) throws IOException {
        try (Run run = new Run(setting, this)) {
            return run.measure();
        }
    }

    private static final class Run implements Crowd.Receiver, AutoCloseable {
        /** So long without anything arriving, and what is missing is lost. */
        private static final long LOST_NANOS = 5_000_000_000L;
        private static final long SURPLUS_NANOS = 50_000_000L;

        private final Setting setting;
        private final ClientEventLoad load;
        private final LoadLoop loop;
        private final Stopwatch stopwatch;
        private final Crowd crowd;
        private final List<List<Subscriber>> byRoom = new ArrayList<>();
        private final List<ByteBuffer> frames = new ArrayList<>();
        private final long[] sentIn;
        private final int[] awaited;
        private final int[] resting;
        private int restingFirst;
        private int restingCount;
        private int flying;
        private long deliveries;
        private boolean sending;

        Run(Setting setting, ClientEventLoad load) {
            this.setting = setting;
            this.load = load;
            loop = setting.loop();
            stopwatch = new Stopwatch(load.rooms);
            crowd = new Crowd(loop, setting.target().address(), setting.app(), stopwatch, this).inRooms();
            sentIn = new long[load.rooms];
            awaited = new int[load.rooms];
            resting = new int[load.rooms];
            for (int room = 0; room < load.rooms; room++) {
                byRoom.add(new ArrayList<>());
                frames.add(ClientFrame.text(Wire.clientEvent(Wire.room(room), room)));
                rest(room);
            }
        }

        Sample measure() throws IOException {
            loop.polling(false);
            crowd.open(load.rooms * load.members, load.rooms, AT_ONCE);
            for (Subscriber subscriber : crowd.subscribers()) {
                byRoom.get(subscriber.channel()).add(subscriber);
            }
            loop.polling(load.polling);
            sending = true;
            Meter meter = setting.meter();
            drive(setting.timing().warmUp().toNanos());
            Meter.Reading from = meter.read();
            long before = deliveries;
            stopwatch.recording(true);
            drive(setting.timing().window().toNanos());
            Meter.Reading until = meter.read();
            long counted = deliveries - before;
            stopwatch.recording(false);
            drain();
            verify();
            Map<Measure, Double> values = new EnumMap<>(Measure.class);
            values.put(Measure.DELIVERIES, counted / from.seconds(until));
            values.put(Measure.CPU_PER_DELIVERY, from.serverMicros(until) / counted);
            values.put(Measure.MEDIAN_LATENCY, stopwatch.latencies().quantile(0.5) / 1e6);
            values.put(Measure.P99_LATENCY, stopwatch.latencies().quantile(0.99) / 1e6);
            return meter.sample(from, until, values);
        }

        private void drive(long nanos) throws IOException {
            long end = System.nanoTime() + nanos;
            while (flying < load.inFlight && restingCount > 0) {
                sendInNext();
            }
            while (System.nanoTime() - end < 0) {
                loop.turn(end);
            }
        }

        private void sendInNext() throws LoadFailure {
            int room = resting[restingFirst];
            restingFirst = (restingFirst + 1) % load.rooms;
            restingCount--;
            flying++;
            awaited[room] = load.members - 1;
            Subscriber sender = byRoom.get(room).get((int) (sentIn[room] % load.members));
            sentIn[room]++;
            stopwatch.sent(room);
            try {
                sender.send(frames.get(room).rewind());
            } catch (IOException e) {
                throw new LoadFailure(sender + " cannot send: " + e.getMessage());
            }
        }

        private void rest(int room) {
            resting[(restingFirst + restingCount++) % load.rooms] = room;
        }

        @Override
        public void delivered(Subscriber subscriber, int count) throws LoadFailure {
            deliveries += count;
            int room = subscriber.channel();
            awaited[room] -= count;
            if (awaited[room] < 0) {
                throw new LoadFailure("room " + room + " received more than was sent");
            }
            if (awaited[room] == 0) {
                flying--;
                rest(room);
                if (sending) {
                    sendInNext();
                }
            }
        }

        private void drain() throws IOException {
            sending = false;
            long arrived = -1;
            long deadline = 0;
            while (flying > 0) {
                if (arrived != deliveries) {
                    arrived = deliveries;
                    deadline = System.nanoTime() + LOST_NANOS;
                }
                loop.turn(deadline);
                if (System.nanoTime() - deadline > 0 && arrived == deliveries) {
                    throw new LoadFailure(flying + " client events did not reach every other member of their room");
                }
            }
            long quiet = System.nanoTime() + SURPLUS_NANOS;
            while (System.nanoTime() - quiet < 0) {
                loop.turn(quiet);
            }
        }

        private void verify() throws LoadFailure {
            for (Subscriber subscriber : crowd.subscribers()) {
                long expected = sentIn[subscriber.channel()] - subscriber.sent();
                if (subscriber.deliveries() != expected) {
                    throw new LoadFailure(subscriber + " received " + subscriber.deliveries() + " of " + expected);
                }
            }
        }

        @Override
        public void close() throws IOException {
            crowd.close();
            loop.polling(false);
        }
    }
}
