package dev.reverb.server.watchlist;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Member;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Some of the users of one application: where they are signed in, and who watches them. A user is online from the first
 * connection over all nodes to {@link #LINGER} after the last, so that a page that is loaded again, or a client that is
 * sent to another node, does not go offline. Guarded by its own lock, which is held while ports of the cluster are
 * called.
 */
final class UserShard {

    /** How long a user stays online without a connection. */
    static final Duration LINGER = Duration.ofSeconds(3);

    private static final byte[] NO_DATA = "{}".getBytes(US_ASCII);

    /** One user. Fields are the shard's, but for what is volatile. */
    static final class Watched {
        private final UserShard shard;
        private final String id;
        private int connections;
        private final Set<String> nodes = new HashSet<>(2);
        private final Set<SignedIn> watchers = new HashSet<>(2);
        private volatile boolean online;
        private long offlineSince;

        private Watched(UserShard shard, String id) {
            this.shard = shard;
            this.id = id;
        }

        UserShard shard() {
            return shard;
        }

        String id() {
            return id;
        }

        /** Whether those who watch see the user online. Any thread. */
        boolean online() {
            return online;
        }

        private boolean connected() {
            return connections > 0 || !nodes.isEmpty();
        }

        private boolean unused() {
            return connections == 0 && nodes.isEmpty() && watchers.isEmpty();
        }
    }

    private final Watchlists directory;
    private final ChannelId id;
    private final Map<String, Watched> users = new HashMap<>();
    private int watches;
    private long attachment;
    private boolean attaching;
    private boolean gone;
    /** Whether the connections to other nodes are known. */
    private volatile boolean known;

    UserShard(Watchlists directory, ChannelId id) {
        this.directory = directory;
        this.id = id;
    }

    ChannelId id() {
        return id;
    }

    /** Whether it left the directory; whoever finds this set looks again. */
    boolean gone() {
        return gone;
    }

    /** Whether it is known who is online. Any thread. */
    boolean known() {
        return known;
    }

    private Watched user(String userId) {
        return users.computeIfAbsent(userId, user -> new Watched(this, user));
    }

    /** One more connection to this node signed in as {@code userId}. */
    synchronized void connect(String userId) {
        Watched user = user(userId);
        if (user.connections++ == 0) {
            directory.cluster().state().join(id, new Member(directory.cluster().node(), userId, NO_DATA));
        }
        changed(user);
    }

    synchronized void disconnect(String userId) {
        Watched user = user(userId);
        if (--user.connections == 0) {
            directory.cluster().state().leave(id, userId);
        }
        changed(user);
    }

    /** {@code watcher} is notified of {@code userId} from now on. */
    synchronized Watched watch(String userId, SignedIn watcher) {
        Watched user = user(userId);
        if (user.watchers.isEmpty()) {
            user.online = user.connected();
        }
        user.watchers.add(watcher);
        watches++;
        return user;
    }

    synchronized void unwatch(Watched user, SignedIn watcher) {
        user.watchers.remove(watcher);
        if (--watches == 0) {
            attaching = false;
            known = false;
            directory.cluster().broker().detach(id);
            users.values().forEach(each -> each.nodes.clear());
            users.values().removeIf(Watched::unused);
        } else if (user.unused()) {
            users.remove(user.id);
        }
    }

    /** Asks the cluster for the users on other nodes, unless that was done. */
    synchronized void attachIfWatched() {
        if (watches > 0 && !attaching) {
            attaching = true;
            directory.cluster().broker().attach(id, ++attachment);
        }
    }

    /** True, once, when nobody is signed in or watched here any more. */
    synchronized boolean endIfUnused() {
        boolean ends = users.isEmpty() && watches == 0 && !gone;
        gone |= ends;
        return ends;
    }

    synchronized void attached(long number, List<Member> members) {
        if (number == attachment && attaching) {
            adopt(members);
            users.values().forEach(user -> user.online = user.connected());
            known = true; // behind what it makes valid
            users.values().forEach(UserShard::notifyWatchers);
        }
    }

    /** Exactly {@code members} are signed in on other nodes. */
    synchronized void resync(List<Member> members) {
        if (known) {
            adopt(members);
            List.copyOf(users.values()).forEach(this::changed);
        }
    }

    private void adopt(List<Member> members) {
        users.values().forEach(user -> user.nodes.clear());
        members.forEach(member -> user(member.userId()).nodes.add(member.node()));
    }

    synchronized void joinedOn(String node, String userId) {
        if (known) {
            Watched user = user(userId);
            user.nodes.add(node);
            changed(user);
        }
    }

    synchronized void leftOn(String node, String userId) {
        Watched user = users.get(userId);
        if (known && user != null && user.nodes.remove(node)) {
            changed(user);
        }
    }

    private void changed(Watched user) {
        if (user.unused()) {
            users.remove(user.id);
        } else if (!known || user.watchers.isEmpty()) {
            user.online = user.connected();
        } else if (user.connected() && !user.online) {
            user.online = true;
            notifyWatchers(user);
        } else if (!user.connected() && user.online) {
            user.offlineSince = System.nanoTime();
            try {
                var _ = directory.timers().schedule(() -> lingered(user), LINGER.toNanos(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException ended) {
                user.online = false; // the server closes, and its connections with it
            }
        }
    }

    private synchronized void lingered(Watched user) {
        if (user.online && !user.connected() && System.nanoTime() - user.offlineSince >= LINGER.toNanos()) {
            user.online = false;
            notifyWatchers(user);
        }
    }

    private static void notifyWatchers(Watched user) {
        user.watchers.forEach(SignedIn::look);
    }
}
