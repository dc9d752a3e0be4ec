package dev.reverb.server.cluster.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.nodes.Ledger.Answer;
import dev.reverb.server.cluster.nodes.Ledger.Entry;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A client on some channels that remembers the numbers that it got there, and finds what is wrong with them. */
final class Listener extends Session {

    /** What one channel brought. */
    private static final class Heard {
        long since = Long.MAX_VALUE;
        int[] ids = new int[64];
        int size;

        void add(int id) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, size * 2);
            }
            ids[size++] = id;
        }
    }

    private final ServerNode node;
    private final Map<Integer, Heard> channels = new HashMap<>();
    private final Runnable subscribed;
    private final Runnable ended;
    private int waiting;

    /**
     * @param subscribed runs when it has all its subscriptions
     * @param ended runs when the connection has ended
     */
    Listener(ServerNode node, List<Integer> channels, Runnable subscribed, Runnable ended) {
        this.node = node;
        this.subscribed = subscribed;
        this.ended = ended;
        this.waiting = channels.size();
        channels.forEach(channel -> this.channels.put(channel, new Heard()));
    }

    ServerNode node() {
        return node;
    }

    List<Integer> channels() {
        return List.copyOf(channels.keySet());
    }

    @Override
    protected void established(String socketId) {
        for (int channel : channels.keySet()) {
            send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + ApiPublisher.channel(channel) + "\"}}");
        }
    }

    @Override
    protected void received(ByteBuf in, int start, int length) {
        String text = in.toString(start, length, UTF_8);
        int channel = Integer.parseInt(after(text, "\"channel\":\"c-"));
        Heard heard = channels.get(channel);
        if (heard == null) {
            throw new IllegalStateException("not subscribed: " + text);
        }
        if (text.startsWith("{\"event\":\"m\"")) {
            heard.add(Integer.parseInt(after(text, "\"data\":\"")));
        } else if (text.contains("subscription_succeeded")) {
            heard.since = System.nanoTime();
            if (--waiting == 0) {
                subscribed.run();
            }
        }
    }

    private static String after(String text, String name) {
        int from = text.indexOf(name) + name.length();
        return text.substring(from, text.indexOf('"', from));
    }

    @Override
    protected void ended() {
        ended.run();
    }

    /** Adds what it lacks and what it has wrongly to {@code verdict}. */
    void judge(Ledger ledger, Map<Integer, List<Entry>> published, Verdict verdict) {
        channels.forEach((channel, heard) -> {
            BitSet got = new BitSet();
            Map<ServerNode, Integer> last = new HashMap<>();
            for (int i = 0; i < heard.size; i++) {
                int id = heard.ids[i];
                Entry entry = ledger.get(id);
                if (got.get(id)) {
                    verdict.doubled("message " + id + " in " + channel + " at " + node.number());
                }
                got.set(id);
                if (entry.answer == Answer.REFUSED) {
                    verdict.refused("message " + id + " in " + channel + " at " + node.number());
                }
                Integer before = last.put(entry.node, id);
                if (before != null && before > id) {
                    verdict.disordered("message " + id + " after " + before + " in " + channel + " at " + node.number()
                            + ", published at " + entry.node.number());
                }
            }
            if (!open()) {
                return;
            }
            for (Entry entry : published.getOrDefault(channel, List.of())) {
                if (entry.answer == Answer.ACKNOWLEDGED && entry.sentAt > heard.since) {
                    verdict.isDue();
                    if (!got.get(entry.id)) {
                        verdict.missing("message " + entry.id + " in " + channel + " at " + node.number()
                                + ", published at " + entry.node.number());
                    }
                }
            }
        });
    }
}
