package dev.reverb.server.resume;

import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.Messages;
import dev.reverb.server.resume.ResumeRequest.Fallback;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a returning client is sent before it receives what is published from now on. Nothing that the client has is
 * among it, nothing twice, and nothing that this node will deliver later; the messages of one publisher keep their
 * order.
 *
 * @param outcome whether the gap is closed
 * @param messages what is sent, oldest first, each with its position
 * @param ordinary whether what a subscriber without a position gets is sent too
 * @param rest what the client has and this node may yet deliver; its point is null when there is no such point
 */
public record Replay(Outcome outcome, List<byte[]> messages, boolean ordinary, Token rest) {

    /** How far clocks of nodes and of Redis may differ, ms. */
    private static final long MOST_SKEW = 60_000;

    /** What became of a request; names of all but the first are reasons that clients see. */
    public enum Outcome {
        RECOVERED, NO_HISTORY, TOO_OLD, TOO_LARGE, UNKNOWN_POSITION, UNAVAILABLE;

        /** All, as clients see them. */
        public static List<String> names() {
            return Stream.of(values()).map(outcome -> outcome.name().toLowerCase(Locale.ROOT)).toList();
        }
    }

    /**
     * All that decides.
     *
     * @param request what the client asked for
     * @param socketId packed id of its new connection
     * @param node this node
     * @param page what the history had; null when it was not reached
     * @param start up to where this node had delivered the history when it was read; null where it did not know
     * @param last up to where this node has delivered the history; null where it does not know
     * @param had the last number of each node that published lately, of what this node has delivered
     * @param unwritten what this node had published, and not written yet, when the history was read
     * @param held what was delivered since
     * @param overflow whether more than may be was delivered since, and {@code held} is not all of it
     * @param nowMillis the time, as entries have it
     * @param most bytes of messages that are sent at the most
     */
    public record Input(
            ResumeRequest request,
            long socketId,
            String node,
            Histories.@Nullable Page page,
            @Nullable HistoryPoint start,
            @Nullable HistoryPoint last,
            Map<String, Long> had,
            List<Publication> unwritten,
            List<Held> held,
            boolean overflow,
            long nowMillis,
            long most) {}

    /** The answer where nothing is read. */
    public static Replay without(Outcome outcome) {
        return new Replay(outcome, List.of(), true, Token.NOTHING);
    }

    /** Decides. */
    public static Replay of(Input in) {
        Token token = in.request.position() == null ? Token.NOTHING : Token.parse(in.request.position());
        Histories.Page page = in.page;
        boolean followed = page != null && page.current() && in.start != null && in.last != null;
        Outcome outcome = page == null ? Outcome.UNAVAILABLE
                : in.request.position() == null ? Outcome.RECOVERED : outcome(token, page);
        boolean remade = page != null && outcome != Outcome.RECOVERED && remade(token, page, in.nowMillis);
        if (page == null || (!followed && (in.request.position() == null || page.remade() == null))) {
            return lost(in, token, outcome == Outcome.RECOVERED ? Outcome.UNAVAILABLE : outcome);
        }
        if (in.overflow) {
            return lost(in, token, Outcome.TOO_LARGE);
        }
        Token known = token == null ? Token.NOTHING : token;
        if (outcome != Outcome.RECOVERED) {
            known = new Token(null, known.seen(), had(known)); // its point says nothing of order here
        }
        outcome = remade ? Outcome.RECOVERED : outcome;
        HistoryPoint from = outcome == Outcome.RECOVERED && token != null ? token.point() : null;
        Replay replay = new Gathering(in, known, from, page, followed).replay(outcome);
        return replay == null ? lost(in, token, Outcome.TOO_LARGE) : replay;
    }

    /** By origin and number, all that is known of what a client has. */
    private static List<Seen> had(Token token) {
        List<Seen> had = new ArrayList<>(token.had());
        HistoryPoint point = token.point();
        if (point != null && !point.isNothing()) {
            had.removeIf(one -> one.origin().equals(point.origin()) && one.number() <= point.number());
            had.add(new Seen(point.origin(), point.number()));
        }
        return had;
    }

    /**
     * Whether the history has all that followed {@code token}, though its point is not in it: the publication is, by
     * origin and number, and nothing is missing since.
     */
    private static boolean remade(@Nullable Token token, Histories.Page page, long nowMillis) {
        Histories.Remade remade = page.remade();
        HistoryPoint point = token == null ? null : token.point();
        if (remade == null || token == null || point == null || point.millis() < remade.sinceMillis()
                || point.millis() > nowMillis + MOST_SKEW) {
            return false;
        }
        if (point.isNothing()) {
            return remade.whole() && remade.begunMillis() > point.millis();
        }
        boolean there = false;
        Set<String> origins = new HashSet<>();
        boolean fronts = true;
        for (Histories.Entry entry : page.entries()) {
            HistoryPoint at = entry.point();
            there |= at.origin().equals(point.origin()) && at.number() == point.number();
            if (origins.add(at.origin())) {
                fronts &= token.saw(at.origin(), at.number())
                        || (at.origin().equals(point.origin()) && at.number() <= point.number());
            }
        }
        for (Seen seen : token.had()) {
            fronts &= origins.contains(seen.origin());
        }
        return there && (remade.whole() || fronts);
    }

    private static Outcome outcome(@Nullable Token token, Histories.Page page) {
        if (token == null || token.point() == null) {
            return Outcome.UNKNOWN_POSITION;
        }
        return switch (page.found()) {
            case YES -> Outcome.RECOVERED;
            case TOO_OLD -> Outcome.TOO_OLD;
            case UNKNOWN -> Outcome.UNKNOWN_POSITION;
        };
    }

    /** Nothing is replayed; what the client has of single nodes is still not to come twice. */
    private static Replay lost(Input in, @Nullable Token token, Outcome outcome) {
        boolean ordinary = in.request.fallback() != Fallback.NONE || in.request.position() == null;
        return new Replay(outcome, List.of(), ordinary, new Token(null, yet(in, token, true), List.of()));
    }

    /**
     * What the client has of other nodes, and this node may yet deliver.
     *
     * @param lost whether its point says nothing
     */
    private static List<Seen> yet(Input in, @Nullable Token token, boolean lost) {
        List<Seen> yet = new ArrayList<>();
        if (token != null) {
            yet.addAll(token.seen());
            if (lost) {
                yet.addAll(had(token));
            }
        }
        yet.removeIf(one -> one.origin().equals(in.node) || one.number() <= in.had.getOrDefault(one.origin(), 0L));
        return yet;
    }

    /** {@code pusher_internal:resumed}. */
    public byte[] answer(String channel, @Nullable String position) {
        JsonWriter data = new JsonWriter(96).ascii(outcome == Outcome.RECOVERED ? "{\"recovered\":true"
                : "{\"recovered\":false,\"reason\":\"" + outcome.name().toLowerCase(Locale.ROOT) + "\"");
        data.ascii(",\"count\":" + messages.size());
        if (position != null) {
            data.ascii(",\"position\":").string(position);
        }
        return Messages.internal("pusher_internal:resumed", channel, data.ascii("}").toBytes());
    }

    /** One message on its way into the replay. */
    private record Chosen(byte[] message, Token token, long millis, boolean excluded) {}

    /** Joins what the history has, what this node has not written yet, and what was delivered since. */
    private static final class Gathering {

        private static final HistoryPoint NOWHERE = HistoryPoint.nothing("0", 0, 0);

        private final Input in;
        private final Token known;
        private final Histories.Page page;
        private final boolean followed;
        private final List<Chosen> chosen = new ArrayList<>();
        /** Of each node the last number among what the history had and this node's subscribers have. */
        private final Map<String, Long> read = new HashMap<>();
        /** This node's last number among what the history had. */
        private long ownRead;
        private HistoryPoint end;
        /** Beyond {@link #end}, as something before it is yet to be delivered. */
        private List<Seen> seen;

        Gathering(Input in, Token known, @Nullable HistoryPoint from, Histories.Page page, boolean followed) {
            this.in = in;
            this.known = known;
            this.page = page;
            this.followed = followed;
            this.ownRead = page.own(); // what a client has of this node, though this node does not know it written
            this.end = from == null ? NOWHERE : from;
            this.seen = new ArrayList<>(known.seen());
        }

        private static HistoryPoint later(HistoryPoint a, HistoryPoint b) {
            return a.compareTo(b) >= 0 ? a : b;
        }

        private boolean has(HistoryPoint point) {
            return (known.point() != null && point.compareTo(known.point()) <= 0)
                    || known.saw(point.origin(), point.number());
        }

        private Token token() {
            return new Token(end, seen, known.had());
        }

        /** Null when it is too large. */
        @Nullable
        Replay replay(Outcome outcome) {
            List<Seen> yet = yet(in, known, known.point() == null);
            HistoryPoint last = in.last;
            HistoryPoint readTo = NOWHERE;
            boolean skipped = false;
            for (Histories.Entry entry : page.entries()) {
                HistoryPoint point = entry.point();
                boolean own = point.origin().equals(in.node);
                readTo = point;
                if (own) {
                    ownRead = Math.max(ownRead, point.number());
                } else if (!entry.handed() && !(followed && last != null && point.compareTo(last) <= 0)) {
                    skipped = true;
                    continue; // this node will deliver it
                }
                if (point.number() <= read.getOrDefault(point.origin(), 0L)) {
                    continue; // written again
                }
                read.put(point.origin(), point.number());
                yet.removeIf(seen -> seen.origin().equals(point.origin()) && point.number() >= seen.number());
                if (!has(point)) {
                    passed(point, skipped);
                    add(entry.message(), token(), entry.millis(), entry.exclude());
                }
            }
            if (followed && last != null && in.start != null) {
                end = later(end, later(in.start, readTo.compareTo(last) < 0 ? readTo : last));
            }
            for (Publication publication : in.unwritten) {
                own(publication);
            }
            for (Held held : in.held) {
                HistoryPoint point = held.point();
                if (point == null) {
                    own(held.publication());
                } else if (point.number() > read.getOrDefault(point.origin(), 0L)) {
                    read.put(point.origin(), point.number());
                    yet.removeIf(one -> one.origin().equals(point.origin()) && point.number() >= one.number());
                    if (!has(point)) {
                        passed(point, skipped);
                        add(held.publication().message(), token(), in.nowMillis, held.publication().exclude());
                    }
                }
            }
            HistoryPoint ahead = known.point() != null && last != null && known.point().compareTo(last) > 0
                    ? known.point()
                    : null;
            return finish(outcome, new Token(ahead, yet, List.of()));
        }

        private void passed(HistoryPoint point, boolean skipped) {
            if (!skipped || (followed && in.last != null && point.compareTo(in.last) <= 0)) {
                end = later(end, point);
            } else {
                seen = new ArrayList<>(seen);
                seen.removeIf(one -> one.origin().equals(point.origin()));
                seen.add(new Seen(point.origin(), point.number()));
            }
        }

        private void own(Publication publication) {
            if (publication.number() <= ownRead || known.saw(in.node, publication.number())) {
                return;
            }
            ownRead = publication.number();
            seen = new ArrayList<>(seen);
            seen.removeIf(one -> one.origin().equals(in.node));
            seen.add(new Seen(in.node, publication.number()));
            add(publication.message(), token(), in.nowMillis, publication.exclude());
        }

        private void add(byte[] message, Token token, long millis, long exclude) {
            boolean excluded = exclude != 0 && (exclude == in.request.socketId() || exclude == in.socketId);
            chosen.add(new Chosen(message, token, millis, excluded));
        }

        private @Nullable Replay finish(Outcome outcome, Token rest) {
            boolean resumes = in.request.position() != null;
            boolean tail = outcome != Outcome.RECOVERED && in.request.fallback() == Fallback.TAIL;
            chosen.removeIf(Chosen::excluded);
            if (!resumes) {
                long since = in.request.rewindSeconds() > 0 ? in.nowMillis - in.request.rewindSeconds() * 1000L
                        : Long.MIN_VALUE;
                chosen.removeIf(one -> one.millis() < since);
                int most = in.request.rewindCount() > 0 ? in.request.rewindCount()
                        : in.request.rewindSeconds() > 0 ? chosen.size() : 0;
                chosen.subList(0, Math.max(0, chosen.size() - most)).clear();
            } else if (outcome != Outcome.RECOVERED && !tail) {
                chosen.clear();
            }
            long bytes = 0;
            int from = chosen.size();
            while (from > 0 && bytes + chosen.get(from - 1).message().length <= in.most) {
                bytes += chosen.get(--from).message().length;
            }
            Outcome said = outcome;
            if (from > 0 && resumes && !tail) {
                if (in.request.fallback() != Fallback.TAIL) {
                    return null;
                }
                said = Outcome.TOO_LARGE; // and the newest of it come
            }
            List<byte[]> messages = new ArrayList<>(chosen.size() - from);
            for (Chosen one : chosen.subList(from, chosen.size())) {
                messages.add(one.token().in(one.message()));
            }
            boolean ordinary = resumes
                    ? said != Outcome.RECOVERED && in.request.fallback() != Fallback.NONE && messages.isEmpty()
                    : messages.isEmpty();
            return new Replay(said, messages, ordinary, rest);
        }
    }
}
