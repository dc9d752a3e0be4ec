package dev.reverb.server.watchlist;

import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The signed-in users of all applications and who watches them.
 *
 * <p>Nodes share them as members of {@value #SHARDS} presence channels of an application that no client can name, so
 * that the end of a node, an outage and a loss of memory are treated as for all members. A node listens to a channel
 * while it has somebody who watches one of its users.
 */
public final class Watchlists implements ClusterEvents {

    /**
     * Channels that the users of one application are spread over: a node that watches any is notified of all users of
     * the channel, one that watches many listens to few channels.
     */
    static final int SHARDS = 64;

    /** Behind the id of an application; ids of applications have no slash. */
    private static final String USERS = "/users";

    private final ConcurrentHashMap<ChannelId, UserShard> shards = new ConcurrentHashMap<>();
    private final ClusterEvents channels;
    private final ScheduledExecutorService timers;
    private @Nullable Cluster cluster;

    /**
     * @param channels receives the events of all channels that clients can name
     * @param timers runs short tasks later
     */
    public Watchlists(ClusterEvents channels, ScheduledExecutorService timers) {
        this.channels = channels;
        this.timers = timers;
    }

    /** Completes construction, once, before the first connection. */
    public void join(Cluster cluster) {
        this.cluster = cluster;
    }

    Cluster cluster() {
        if (cluster == null) {
            throw new IllegalStateException("not joined to a cluster yet");
        }
        return cluster;
    }

    ScheduledExecutorService timers() {
        return timers;
    }

    /**
     * A connection signed in. Those whom it watches are reported as soon as it is known who is online, then each
     * change.
     *
     * @param watched ids of users of the same application
     * @param loop runs tasks on the connection's own thread, in order
     * @param send sends a message to the connection; on that thread
     */
    public SignedIn signIn(String app, String userId, List<String> watched, Executor loop, Consumer<byte[]> send) {
        List<UserShard.Watched> users = new ArrayList<>();
        SignedIn signedIn = new SignedIn(users, loop, send);
        UserShard own = enter(app, userId, shard -> shard.connect(userId));
        for (String id : new LinkedHashSet<>(watched)) {
            enter(app, id, shard -> users.add(shard.watch(id, signedIn)));
        }
        signedIn.began(() -> {
            own.disconnect(userId);
            discardIfUnused(own);
            for (UserShard.Watched user : users) {
                user.shard().unwatch(user, signedIn);
                discardIfUnused(user.shard());
            }
        });
        users.forEach(user -> user.shard().attachIfWatched());
        if (!users.isEmpty()) {
            signedIn.look();
        }
        return signedIn;
    }

    /** Carries {@code action} out under the lock of the user's shard, which is in the directory. */
    private UserShard enter(String app, String userId, Consumer<UserShard> action) {
        ChannelId id = new ChannelId(app + USERS, "presence-" + (userId.hashCode() & (SHARDS - 1)));
        while (true) {
            UserShard shard = shards.computeIfAbsent(id, i -> new UserShard(this, i));
            synchronized (shard) {
                if (!shard.gone()) {
                    action.accept(shard);
                    return shard;
                }
            }
        }
    }

    private void discardIfUnused(UserShard shard) {
        if (shard.endIfUnused()) {
            shards.remove(shard.id(), shard);
        }
    }

    private @Nullable UserShard find(ChannelId channel) {
        return shards.get(channel);
    }

    private static boolean ofUsers(ChannelId channel) {
        return channel.app().endsWith(USERS);
    }

    @Override
    public void onAttached(ChannelId channel, long attachment, ChannelState state) {
        if (!ofUsers(channel)) {
            channels.onAttached(channel, attachment, state);
            return;
        }
        UserShard shard = find(channel);
        if (shard != null) {
            shard.attached(attachment, state.members());
        }
    }

    @Override
    public void onResync(ChannelId channel, ChannelState state) {
        if (!ofUsers(channel)) {
            channels.onResync(channel, state);
            return;
        }
        UserShard shard = find(channel);
        if (shard != null) {
            shard.resync(state.members());
        }
    }

    @Override
    public void onJoin(ChannelId channel, Member member) {
        if (!ofUsers(channel)) {
            channels.onJoin(channel, member);
            return;
        }
        UserShard shard = find(channel);
        if (shard != null) {
            shard.joinedOn(member.node(), member.userId());
        }
    }

    @Override
    public void onLeave(ChannelId channel, String node, String userId) {
        if (!ofUsers(channel)) {
            channels.onLeave(channel, node, userId);
            return;
        }
        UserShard shard = find(channel);
        if (shard != null) {
            shard.leftOn(node, userId);
        }
    }

    @Override
    public void onPublication(Publication publication) {
        channels.onPublication(publication);
    }

    @Override
    public void onKept(Publication publication, HistoryPoint point) {
        channels.onKept(publication, point);
    }

    @Override
    public void onReached(ChannelId channel, HistoryPoint point) {
        channels.onReached(channel, point);
    }

    @Override
    public void onCached(Publication publication) {
        channels.onCached(publication);
    }

    @Override
    public void onCounted(ChannelId channel, int total) {
        channels.onCounted(channel, total);
    }

    @Override
    public void onControl(Control control) {
        channels.onControl(control);
    }
}
