package dev.reverb.server.cluster.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.testkit.Credentials;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A member of one presence channel and its view of the others. Every user comes once and never again, so whoever is
 * seen joining or leaving for a second time is one too many.
 */
class Attendee extends Session {

    private static final Pattern IDS = Pattern.compile("\\\\\"ids\\\\\":\\[([^]]*)]");
    private static final Pattern ID = Pattern.compile("\\\\\"user_id\\\\\":\\\\\"(\\w+)\\\\\"");

    private final ServerNode node;
    private final String channel;
    private final String user;
    private final Set<String> view = new TreeSet<>();
    private final Set<String> gone = new HashSet<>();
    private final List<String> wrong = new ArrayList<>();
    private int removals;
    private int additions;
    private volatile boolean present;
    private volatile boolean left;

    Attendee(ServerNode node, String channel, String user) {
        this.node = node;
        this.channel = channel;
        this.user = user;
    }

    final ServerNode node() {
        return node;
    }

    final String channel() {
        return channel;
    }

    final String user() {
        return user;
    }

    /** Whether it was greeted as a member. */
    final boolean present() {
        return present;
    }

    /** Goes, on purpose. */
    final void leave() {
        left = true;
        close();
    }

    final boolean left() {
        return left;
    }

    /** Members as this client knows them. Crowd's thread. */
    final Set<String> view() {
        return new TreeSet<>(view);
    }

    /** What it received that cannot be. Crowd's thread. */
    final List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** How many it saw leave. Crowd's thread. */
    final int removals() {
        return removals;
    }

    /** How many it saw join. Crowd's thread. */
    final int additions() {
        return additions;
    }

    @Override
    protected void established(String socketId) {
        String data = "{\"user_id\":\"" + user + "\",\"user_info\":{}}";
        String auth = new Credentials(ServerNode.APP, ServerNode.KEY, ServerNode.SECRET).auth(socketId, channel, data);
        send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\",\"auth\":\"" + auth
                + "\",\"channel_data\":\"" + data.replace("\"", "\\\"") + "\"}}");
    }

    @Override
    protected void received(ByteBuf in, int start, int length) {
        String text = in.toString(start, length, UTF_8);
        if (text.contains("subscription_succeeded")) {
            Matcher ids = IDS.matcher(text);
            if (!ids.find()) {
                throw new IllegalStateException(text);
            }
            for (String id : ids.group(1).replaceAll("[\\\\\"]", "").split(",")) {
                view.add(id);
            }
            present = true;
        } else if (text.contains("member_added")) {
            String id = id(text);
            additions++;
            if (gone.contains(id) || !view.add(id)) {
                wrong.add(id + " joined twice");
            }
        } else if (text.contains("member_removed")) {
            String id = id(text);
            removals++;
            if (!view.remove(id) || !gone.add(id)) {
                wrong.add(id + " left twice");
            }
        } else {
            wrong.add(text);
        }
    }

    private static String id(String text) {
        Matcher id = ID.matcher(text);
        if (!id.find()) {
            throw new IllegalStateException(text);
        }
        return id.group(1);
    }
}
