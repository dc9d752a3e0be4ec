package dev.reverb.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A node's channels as a test sees them: what arrived, and who is a member as clients there would see it. */
public final class RecordingEvents implements ClusterEvents {

    private final Map<ChannelId, List<String>> messages = new ConcurrentHashMap<>();
    private final Map<ChannelId, List<Publication>> publications = new ConcurrentHashMap<>();
    private final Map<ChannelId, List<ChannelState>> attached = new ConcurrentHashMap<>();
    private final Map<ChannelId, Map<String, Set<String>>> members = new HashMap<>();
    private final Map<ChannelId, List<String>> changes = new ConcurrentHashMap<>();
    private final Map<ChannelId, Integer> resyncs = new ConcurrentHashMap<>();
    private final Map<ChannelId, List<String>> caches = new ConcurrentHashMap<>();
    private final Map<ChannelId, List<Integer>> totals = new ConcurrentHashMap<>();
    private final List<Control> controls = new CopyOnWriteArrayList<>();

    @Override
    public void onAttached(ChannelId channel, long attachment, ChannelState state) {
        set(channel, state, false);
        attached.computeIfAbsent(channel, c -> new CopyOnWriteArrayList<>()).add(state);
    }

    @Override
    public void onResync(ChannelId channel, ChannelState state) {
        set(channel, state, true);
        resyncs.merge(channel, 1, Integer::sum);
    }

    private synchronized void set(ChannelId channel, ChannelState state, boolean tell) {
        Map<String, Set<String>> now = new HashMap<>();
        for (Member member : state.members()) {
            now.computeIfAbsent(member.userId(), u -> new HashSet<>()).add(member.node());
        }
        Map<String, Set<String>> old = members.put(channel, now);
        if (tell && old != null) {
            now.keySet().stream().filter(u -> !old.containsKey(u)).forEach(u -> change(channel, "+" + u));
            old.keySet().stream().filter(u -> !now.containsKey(u)).forEach(u -> change(channel, "-" + u));
        }
    }

    @Override
    public void onPublication(Publication publication) {
        publications.computeIfAbsent(publication.channel(), c -> new CopyOnWriteArrayList<>()).add(publication);
        List<String> list = messages.computeIfAbsent(publication.channel(), c -> new ArrayList<>());
        synchronized (list) {
            list.add(new String(publication.message(), UTF_8));
        }
        if (publication.cacheMillis() > 0) {
            cache(publication);
        }
    }

    @Override
    public void onCached(Publication publication) {
        cache(publication);
    }

    private void cache(Publication publication) {
        caches.computeIfAbsent(publication.channel(), c -> new CopyOnWriteArrayList<>())
                .add(new String(publication.message(), UTF_8));
    }

    /** What became the channel's cached event, one after the other, this node's own among those of others. */
    public List<String> caches(ChannelId channel) {
        return List.copyOf(caches.getOrDefault(channel, List.of()));
    }

    @Override
    public void onKept(Publication publication, HistoryPoint point) {
        onPublication(publication);
    }

    @Override
    public void onReached(ChannelId channel, HistoryPoint point) {}

    @Override
    public synchronized void onJoin(ChannelId channel, Member member) {
        Set<String> nodes = members.computeIfAbsent(channel, c -> new HashMap<>())
                .computeIfAbsent(member.userId(), u -> new HashSet<>());
        if (nodes.isEmpty()) {
            change(channel, "+" + member.userId());
        }
        nodes.add(member.node());
    }

    @Override
    public synchronized void onLeave(ChannelId channel, String node, String userId) {
        Map<String, Set<String>> users = members.getOrDefault(channel, new HashMap<>());
        Set<String> nodes = users.get(userId);
        if (nodes != null && nodes.remove(node) && nodes.isEmpty()) {
            users.remove(userId);
            change(channel, "-" + userId);
        }
    }

    private void change(ChannelId channel, String what) {
        changes.computeIfAbsent(channel, c -> new CopyOnWriteArrayList<>()).add(what);
    }

    @Override
    public void onCounted(ChannelId channel, int total) {
        totals.computeIfAbsent(channel, c -> new CopyOnWriteArrayList<>()).add(total);
    }

    /** Numbers of subscriptions over all nodes, one after the other. */
    public List<Integer> totals(ChannelId channel) {
        return List.copyOf(totals.getOrDefault(channel, List.of()));
    }

    @Override
    public void onControl(Control control) {
        controls.add(control);
    }

    /** Publications to {@code channel}, in the order of arrival. */
    public List<String> messages(ChannelId channel) {
        List<String> list = messages.getOrDefault(channel, new ArrayList<>());
        synchronized (list) {
            return List.copyOf(list);
        }
    }

    /** How many publications to {@code channel} arrived. */
    public int count(ChannelId channel) {
        List<String> list = messages.get(channel);
        if (list == null) {
            return 0;
        }
        synchronized (list) {
            return list.size();
        }
    }

    public List<Publication> publications(ChannelId channel) {
        return publications.getOrDefault(channel, List.of());
    }

    /** States that {@code channel} was attached with. */
    public List<ChannelState> attached(ChannelId channel) {
        return attached.getOrDefault(channel, List.of());
    }

    /** Members on other nodes, now. */
    public synchronized Set<String> members(ChannelId channel) {
        return new TreeSet<>(members.getOrDefault(channel, Map.of()).keySet());
    }

    /** Who came ({@code +}) and went ({@code -}), after the attach, as clients would receive it. */
    public List<String> changes(ChannelId channel) {
        return List.copyOf(changes.getOrDefault(channel, List.of()));
    }

    /** All channels that were attached. */
    public Set<ChannelId> channels() {
        return Set.copyOf(attached.keySet());
    }

    public int resyncs(ChannelId channel) {
        return resyncs.getOrDefault(channel, 0);
    }

    public List<Control> controls() {
        return List.copyOf(controls);
    }
}
