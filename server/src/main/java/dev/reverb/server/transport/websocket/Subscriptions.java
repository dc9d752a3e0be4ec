package dev.reverb.server.transport.websocket;

import dev.reverb.server.channel.Channels;
import dev.reverb.server.channel.Subscription;
import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.resume.ResumeRequest;
import dev.reverb.server.session.Effect;
import dev.reverb.server.session.Memberships;
import dev.reverb.server.session.Session;
import dev.reverb.server.transport.loop.TimerWheel;
import dev.reverb.server.watchlist.SignedIn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One connection's subscriptions by channel; a single one, the usual case, needs no map. Loop thread only. */
final class Subscriptions implements Memberships {

    private static final int REPEAT_TICKS = TimerWheel.ticks(1000);

    /** Histories read for one connection at once, and in a tick of 250 ms: 20 a second; each counts as one and more. */
    private static final int MOST_READS = 5_000;
    private static final int READS_PER_TICK = 5;
    /** Bytes of messages for each of which a history counts as one more. */
    private static final int READ_BYTES = 16 * 1024;
    /** Histories of one connection that are read at the same time: each may be thousands of times what asks for it. */
    private static final int MOST_READERS = 16;
    /** How long a connection waits for those: some wait for a Redis that is away, and other messages for them. */
    private static final Duration LONGEST_HOLD = Duration.ofSeconds(1);

    private final Connection connection;
    /** Who is signed in. */
    private @Nullable PresenceMember user;
    private @Nullable SignedIn watching;
    /** How long the client stays a member of what it is subscribed to when that ends. */
    private Duration linger = Duration.ZERO;
    private @Nullable Subscription only;
    private @Nullable Map<String, Subscription> more;
    /** Channels whose greeting is to be sent again, and the tick of the last time. */
    private @Nullable Set<String> repeats;
    private int repeatedAt = -REPEAT_TICKS;
    private boolean resumes;
    /** Histories that were read, less what the rate allowed since. */
    private int reads;
    private int readAt;
    /** Those whose histories are being read, as far as is known, and how many of them are waited for no longer. */
    private @Nullable List<Subscription> readers;
    private int overdue;
    private boolean holding;

    Subscriptions(Connection connection) {
        this.connection = connection;
    }

    private Channels channels() {
        return connection.node().channels();
    }

    /** Subscribes, instead of what there is under that name. */
    void subscribe(Effect.Subscribe wanted) {
        String channel = wanted.channel();
        if (contains(channel)) {
            unsubscribe(channel);
        }
        resumes |= wanted.resume() != null;
        ResumeRequest resume = bounded(wanted.resume());
        Subscription subscription = channels().subscribe(connection.appChannels(), channel, connection, wanted.member(),
                resume);
        if (subscription == null) {
            connection.send(Session.limitReached(channel));
        } else {
            add(subscription);
            is(subscription.member());
            holdUntilGreeted(subscription);
            if (resume != null && resume.reads() && !resume.refused()) {
                holdUntilRead(subscription);
            }
        }
    }

    /** What a client sends waits while many histories are read for it, so that they do not fill the memory. */
    private void holdUntilRead(Subscription subscription) {
        if (readers == null) {
            readers = new ArrayList<>(2);
        }
        readers.removeIf(one -> !one.reads());
        overdue = Math.min(overdue, readers.size());
        readers.add(subscription);
        if (readers.size() - overdue >= MOST_READERS) {
            connection.pause();
            if (!holding) {
                holding = true;
                connection.loop().later(this::holdNoLonger, LONGEST_HOLD);
            }
        }
    }

    private void holdNoLonger() {
        holding = false;
        if (readers != null) {
            readers.removeIf(one -> !one.reads());
            overdue = readers.size();
        }
        connection.greetingTaken();
    }

    /** What was read counts, whether it was sent or not. */
    void historyRead(long bytes) {
        reads += (int) Math.min(MOST_READS, bytes / READ_BYTES);
        if (readers != null) {
            connection.greetingTaken();
        }
    }

    /** A few bytes of a client must not make the server read and send histories again and again. */
    private @Nullable ResumeRequest bounded(@Nullable ResumeRequest resume) {
        if (resume == null || !resume.reads()) {
            return resume;
        }
        int now = connection.connections().loop().wheel().now();
        reads = Math.max(0, reads - (now - readAt) * READS_PER_TICK);
        readAt = now;
        return ++reads > MOST_READS ? resume.refuse() : resume;
    }

    /** One long greeting at a time: each is made for this connection, and may be larger than all else that it has. */
    private void holdUntilGreeted(Subscription subscription) {
        if (subscription.greetedWithMembers()) {
            connection.awaitGreeting();
        }
    }

    /** The channel was full when its state came from the other nodes. */
    void refused(Subscription subscription) {
        if (get(subscription.channelName()) == subscription) {
            unsubscribe(subscription.channelName());
            connection.send(Session.limitReached(subscription.channelName()));
        }
    }

    void unsubscribe(String channel) {
        Subscription subscription = held(channel);
        if (more != null) {
            more.remove(channel);
        } else {
            only = null;
        }
        end(subscription);
    }

    /** The connection is about to be closed with {@code reason}: who comes straight back elsewhere stays a member. */
    void linger(ProtocolError reason) {
        if (reason == ProtocolError.RECONNECT || reason == ProtocolError.MOVED) {
            linger = connection.node().config().drain().presenceLinger();
        }
    }

    private void end(Subscription subscription) {
        isNoMore(subscription.member());
        channels().unsubscribe(subscription, linger);
    }

    /** Ends all of them, and the sign-in. */
    void end() {
        if (watching != null) {
            watching.end();
            watching = null;
        }
        for (Subscription subscription : List.copyOf(all())) {
            end(subscription);
        }
        only = null;
        more = null;
        isNoMore(user);
        user = null;
    }

    /**
     * The connection is {@code signedIn} from now on; it stays the same user to its end.
     *
     * @param watchlist whom it watches, instead of whom it watched; null where watchlists are off
     */
    void signedIn(@Nullable PresenceMember signedIn, @Nullable List<String> watchlist) {
        if (user == null) {
            user = signedIn;
            is(user);
        }
        SignedIn before = watching;
        watching = signedIn == null || watchlist == null ? null
                : connection.node()
                        .watchlists()
                        .signIn(connection.appChannels().id(), signedIn.userId(), watchlist, connection.loop()::inOrder,
                                connection::send);
        if (before != null) {
            before.end();
        }
    }

    private void is(@Nullable PresenceMember member) {
        if (member != null) {
            users().add(connection.appChannels().id(), member.userId(), connection);
        }
    }

    private void isNoMore(@Nullable PresenceMember member) {
        if (member != null) {
            users().remove(connection.appChannels().id(), member.userId(), connection);
        }
    }

    private UserIndex users() {
        return connection.connections().users();
    }

    /** At once, or with all that are asked for within a second, so that few bytes do not make a server send many. */
    void greetAgain(String channel) {
        Subscription subscription = get(channel);
        int now = connection.connections().loop().wheel().now();
        if (subscription == null) {
            return; // it was refused while this waited
        }
        if (!subscription.longGreeting()) {
            channels().greetAgain(subscription);
        } else if (repeats == null && now - repeatedAt >= REPEAT_TICKS) {
            repeatedAt = now;
            channels().greetAgain(subscription);
            holdUntilGreeted(subscription);
        } else {
            if (repeats == null) {
                repeats = new HashSet<>();
                connection.connections().repeatLater(this);
            }
            repeats.add(channel);
        }
    }

    /** Sends the greetings that wait, once a second; false while it is too early. */
    boolean repeatGreetings(int now) {
        Set<String> due = repeats;
        if (due != null && connection.open() && now - repeatedAt < REPEAT_TICKS) {
            return false;
        }
        repeatedAt = now;
        if (due != null && connection.open()) {
            for (Iterator<String> channels = due.iterator(); channels.hasNext() && connection.greets();) {
                Subscription subscription = get(channels.next());
                channels.remove();
                if (subscription != null) {
                    connection.whenTurnGreets(() -> channels().greetAgain(subscription));
                }
            }
            if (!due.isEmpty()) {
                return false; // the others in another turn
            }
        }
        repeats = null;
        return true;
    }

    private Subscription held(String channel) {
        Subscription subscription = get(channel);
        if (subscription == null) {
            throw new IllegalStateException("not subscribed to " + channel);
        }
        return subscription;
    }

    private @Nullable Subscription get(String channel) {
        if (more != null) {
            return more.get(channel);
        }
        return only != null && only.channelName().equals(channel) ? only : null;
    }

    private void add(Subscription subscription) {
        if (more != null) {
            more.put(subscription.channelName(), subscription);
        } else if (only == null) {
            only = subscription;
        } else {
            more = new HashMap<>();
            more.put(only.channelName(), only);
            more.put(subscription.channelName(), subscription);
            only = null;
        }
    }

    private Collection<Subscription> all() {
        return more != null ? more.values() : only == null ? List.of() : List.of(only);
    }

    /** Whether one of them was asked to resume, ever. */
    boolean anyResumes() {
        return resumes;
    }

    /** Whether there were ever two at a time. */
    boolean several() {
        return more != null;
    }

    @Override
    public int count() {
        return more != null ? more.size() : only == null ? 0 : 1;
    }

    @Override
    public boolean contains(String channel) {
        return get(channel) != null;
    }

    @Override
    public @Nullable PresenceMember member(String channel) {
        Subscription subscription = get(channel);
        return subscription == null ? null : subscription.member();
    }
}
