package dev.reverb.bench.load;

import dev.reverb.bench.crowd.ClientFrame;
import dev.reverb.bench.crowd.Crowd;
import dev.reverb.bench.crowd.FrameSocket;
import dev.reverb.bench.crowd.LoadFailure;
import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Meter;
import dev.reverb.bench.measure.Sample;
import dev.reverb.bench.measure.Setting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One presence room that fills up: every member receives who is there, and who comes after it. Then one more comes, and
 * then all are cut off and come again. Where there is another node, one member hangs on it and receives all of it too.
 *
 * @param members how many
 * @param atOnce how many are on their way in at a time
 */
public record RoomLoad(int members, int atOnce) implements Scenario {
    private static final String ROOM = "presence-bench";
    private static final long LONGEST_NANOS = 600_000_000_000L;

    @Override
    public boolean freshServer() {
        return true;
    }

    @Override
    public Sample run(Setting setting) throws IOException {
        Meter meter = setting.meter();
        try (Room room = new Room(setting)) {
            if (!setting.target().entry().equals(setting.target().address())) {
                room.open(setting.target().entry());
                room.settle(1);
            }
            int here = room.in;
            Meter.Reading from = meter.read();
            room.fill(here + members, atOnce);
            Meter.Reading until = meter.read();
            Map<Measure, Double> values = new EnumMap<>(Measure.class);
            values.put(Measure.JOINS, members / from.seconds(until));
            values.put(Measure.CPU_PER_JOIN, from.serverMicros(until) / members);
            values.put(Measure.SNAPSHOT, room.lastGreeting / 1024.0);
            long begin = System.nanoTime();
            room.fill(here + members + 1, 1);
            values.put(Measure.JOIN_TIME, (System.nanoTime() - begin) / 1e6);
            Sample sample = meter.sample(from, until, values);
            room.cutAllBut(here);
            Meter.Reading again = meter.read();
            room.fill(here + members, atOnce);
            Meter.Reading back = meter.read();
            values.put(Measure.REJOIN_TIME, again.seconds(back));
            values.put(Measure.CPU_PER_REJOIN, again.serverMicros(back) / members);
            return new Sample(values, sample.loadBusy(), sample.othersOnServerCore(), sample.othersOnLoadCore());
        }
    }

    /** The members. */
    private static final class Room implements FrameSocket.Receiver, AutoCloseable {
        private final Setting setting;
        private final ByteBuffer upgrade;
        private final List<FrameSocket> sockets = new ArrayList<>();
        private int users;
        private int in;
        private long lastGreeting;

        Room(Setting setting) {
            this.setting = setting;
            upgrade = ClientFrame.upgrade(setting.app().key());
        }

        void open(InetSocketAddress server) throws IOException {
            sockets.add(new FrameSocket(setting.loop(), server, upgrade, this));
        }

        void settle(int wanted) throws IOException {
            setting.loop()
                    .await(() -> in >= wanted, LONGEST_NANOS,
                            () -> "only " + in + " of " + wanted + " members came in");
        }

        void fill(int wanted, int atOnce) throws IOException {
            while (sockets.size() < wanted) {
                open(setting.target().address());
                settle(sockets.size() - atOnce + 1);
            }
            settle(wanted);
        }

        @Override
        public void received(FrameSocket socket, long bytes, String start) throws IOException {
            if (start.startsWith("{\"event\":\"pusher_internal:member_")) {
                return;
            }
            if (start.contains("connection_established")) {
                String data = "{\"user_id\":\"" + ++users + "\",\"user_info\":{\"name\":\"a name of some length\"}}";
                String auth = setting.app().auth(Crowd.socketId(start), ROOM, data);
                socket.send(ClientFrame.text("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + ROOM
                        + "\",\"auth\":\"" + auth + "\",\"channel_data\":\"" + data.replace("\"", "\\\"") + "\"}}"));
            } else if (start.contains("subscription_succeeded")) {
                in++;
                lastGreeting = bytes;
            } else if (start.contains("pusher:error")) {
                throw new LoadFailure("a member was refused: " + start);
            }
        }

        void cutAllBut(int first) throws IOException {
            while (sockets.size() > first) {
                sockets.removeLast().cut();
                in--;
            }
            setting.loop().forgetClosed();
        }

        @Override
        public void close() throws IOException {
            cutAllBut(0);
        }
    }
}
