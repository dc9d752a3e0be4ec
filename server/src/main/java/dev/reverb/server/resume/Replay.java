package dev.reverb.server.resume;

import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.HistoryPoint;
import dev.reverb.server.cluster.Publication;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.Messages;
import dev.reverb.server.resume.ResumeRequest.Fallback;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
            List<Publication> unwritten,
            List<Held> held,
            boolean overflow,
            long nowMillis,
            long most) {}

    /** The answer where nothing is read. */
    public static Replay without(Outcome outcome) {
        return new Replay(outcome, List.of(), true, new Token(null, List.of()));
    }

    /** Decides. */
    public static Replay of(Input in) {
        Token token = in.request.position() == null ? new Token(null, List.of()) : Token.parse(in.request.position());
        Histories.Page page = in.page;
        if (page == null || !page.current() || in.start == null || in.last == null) {
            Outcome found = page == null || in.request.position() == null ? Outcome.UNAVAILABLE : outcome(token, page);
            return lost(in, token, found == Outcome.RECOVERED ? Outcome.UNAVAILABLE : found);
        }
        if (in.overflow) {
            return lost(in, token, Outcome.TOO_LARGE);
        }
        Outcome outcome = in.request.position() == null ? Outcome.RECOVERED : outcome(token, page);
        Token known = token == null ? new Token(null, List.of()) : token;
        if (outcome != Outcome.RECOVERED) {
            known = new Token(null, known.seen()); // its point says nothing here
        }
        Replay replay = new Gathering(in, known, page, in.start, in.last).replay(outcome);
        return replay == null ? lost(in, token, Outcome.TOO_LARGE) : replay;
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
        return new Replay(outcome, List.of(), ordinary, new Token(null, token == null ? List.of() : token.seen()));
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
        private final HistoryPoint start;
        private final HistoryPoint last;
        private final List<Chosen> chosen = new ArrayList<>();
        /** This node's last number among what the history had. */
        private long ownRead;
        private HistoryPoint end;

        Gathering(Input in, Token known, Histories.Page page, HistoryPoint start, HistoryPoint last) {
            this.in = in;
            this.known = known;
            this.page = page;
            this.ownRead = page.own(); // what a client has of this node, though this node does not know it written
            this.start = start;
            this.last = last;
            this.end = known.point() == null ? NOWHERE : known.point();
        }

        private static HistoryPoint later(HistoryPoint a, HistoryPoint b) {
            return a.compareTo(b) >= 0 ? a : b;
        }

        private boolean has(HistoryPoint point) {
            return (known.point() != null && point.compareTo(known.point()) <= 0)
                    || known.saw(point.origin(), point.number());
        }

        /** Null when it is too large. */
        @Nullable
        Replay replay(Outcome outcome) {
            List<Seen> yet = new ArrayList<>(known.seen());
            yet.removeIf(seen -> seen.origin().equals(in.node));
            HistoryPoint readTo = NOWHERE;
            for (Histories.Entry entry : page.entries()) {
                HistoryPoint point = entry.point();
                boolean own = point.origin().equals(in.node);
                readTo = point;
                if (own) {
                    ownRead = Math.max(ownRead, point.number());
                } else if (point.compareTo(last) > 0) {
                    continue; // this node will deliver it
                }
                yet.removeIf(seen -> seen.origin().equals(point.origin()) && point.number() >= seen.number());
                if (!has(point)) {
                    end = later(end, point);
                    add(entry.message(), new Token(end, known.seen()), entry.millis(), entry.exclude());
                }
            }
            HistoryPoint read = readTo;
            end = later(end, later(start, read.compareTo(last) < 0 ? read : last));
            List<Seen> seen = new ArrayList<>(known.seen());
            for (Publication publication : in.unwritten) {
                own(publication, seen);
            }
            for (Held held : in.held) {
                HistoryPoint point = held.point();
                if (point == null) {
                    own(held.publication(), seen);
                } else if (point.compareTo(read) > 0) {
                    end = later(end, point);
                    yet.removeIf(one -> one.origin().equals(point.origin()) && point.number() >= one.number());
                    if (!has(point)) {
                        add(held.publication().message(), new Token(end, seen), in.nowMillis,
                                held.publication().exclude());
                    }
                }
            }
            HistoryPoint ahead = known.point() != null && known.point().compareTo(last) > 0 ? known.point() : null;
            return finish(outcome, new Token(ahead, yet));
        }

        private void own(Publication publication, List<Seen> seen) {
            if (publication.number() <= ownRead || known.saw(in.node, publication.number())) {
                return;
            }
            ownRead = publication.number();
            seen.removeIf(one -> one.origin().equals(in.node));
            seen.add(new Seen(in.node, publication.number()));
            add(publication.message(), new Token(end, seen), in.nowMillis, publication.exclude());
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
            if (from > 0 && resumes && !tail) {
                return null;
            }
            List<byte[]> messages = new ArrayList<>(chosen.size() - from);
            for (Chosen one : chosen.subList(from, chosen.size())) {
                messages.add(one.token().in(one.message()));
            }
            boolean ordinary = resumes
                    ? outcome != Outcome.RECOVERED && in.request.fallback() != Fallback.NONE && messages.isEmpty()
                    : messages.isEmpty();
            return new Replay(outcome, messages, ordinary, rest);
        }
    }
}
