package dev.reverb.e2e.live;

import dev.reverb.e2e.live.Publisher.Publication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What clients should have received against what they did. Due to a connection is every publication to its channel that
 * was sent after the connection's {@code subscription_succeeded} and acknowledged at least {@link #TAIL} before its
 * close
 * frame, or before {@code until} when it is still open. Sent, not acknowledged: a publication that was under way
 * while the
 * client subscribed may have been accepted just before, however late its acknowledgement was read.
 */
public final class Deliveries {
    /** How long before its end a connection may miss what is acknowledged. */
    public static final Duration TAIL = Duration.ofSeconds(1);

    private Deliveries() {}

    /**
     * One line for each publication that was due and did not arrive, arrived twice, or arrived after a later one.
     *
     * @param until {@link System#nanoTime()} at which the test stopped waiting
     */
    public static List<String> faults(List<Session> sessions, List<Publication> acknowledged, long until) {
        Map<String, List<Publication>> byChannel = acknowledged.stream()
                .collect(Collectors.groupingBy(Publication::channel));
        List<String> faults = new ArrayList<>();
        for (Session session : sessions) {
            check(session, byChannel.getOrDefault(session.channel(), List.of()), until, faults);
        }
        return faults;
    }

    private static void check(Session session, List<Publication> publications, long until, List<String> faults) {
        List<Long> received = session.received();
        Set<Long> once = new HashSet<>();
        long highest = -1;
        for (long sequence : received) {
            if (!once.add(sequence)) {
                faults.add(session.client() + " (" + session.socketId() + ") received " + sequence + " twice");
            } else if (sequence < highest) {
                faults.add(
                        session.client() + " (" + session.socketId() + ") received " + sequence + " after " + highest);
            }
            highest = Math.max(highest, sequence);
        }
        if (session.subscribedAt() == 0) {
            return;
        }
        long end = (session.open() ? until : session.closedAt()) - TAIL.toNanos();
        for (Publication publication : publications) {
            boolean due = publication.sentAt() - session.subscribedAt() > 0 && publication.acknowledgedAt() - end <= 0;
            if (due && !once.contains(publication.sequence())) {
                faults.add(
                        "%s (%s) missed %d, sent %d ms after it subscribed and acknowledged %d ms before its end (%s)"
                                .formatted(session.client(), session.socketId(), publication.sequence(),
                                        Duration.ofNanos(publication.sentAt() - session.subscribedAt()).toMillis(),
                                        Duration.ofNanos((session.open() ? until : session.closedAt())
                                                - publication.acknowledgedAt()).toMillis(),
                                        session.open() ? "still open" : session.code() + " " + session.reason()));
            }
        }
    }

    /**
     * How many publications were acknowledged after a client's {@code subscription_succeeded}, had been sent before
     * it, and
     * did not reach the client. They are counted and not judged: such a publication may have passed before the
     * subscription
     * began, which cannot be known from outside. On a machine that is not overloaded there are hardly any.
     */
    public static long underway(List<Session> sessions, List<Publication> acknowledged) {
        long underway = 0;
        for (Session session : sessions) {
            Set<Long> received = new HashSet<>(session.received());
            underway += session.subscribedAt() == 0 ? 0
                    : acknowledged.stream()
                            .filter(p -> p.channel().equals(session.channel())
                                    && p.sentAt() - session.subscribedAt() <= 0
                                    && p.acknowledgedAt() - session.subscribedAt() > 0
                                    && !received.contains(p.sequence()))
                            .count();
        }
        return underway;
    }

    /** How many deliveries were due; a test in which nothing was due proves nothing. */
    public static long due(List<Session> sessions, List<Publication> acknowledged, long until) {
        long due = 0;
        for (Session session : sessions) {
            long end = (session.open() ? until : session.closedAt()) - TAIL.toNanos();
            due += session.subscribedAt() == 0 ? 0
                    : acknowledged.stream()
                            .filter(p -> p.channel().equals(session.channel())
                                    && p.sentAt() - session.subscribedAt() > 0 && p.acknowledgedAt() - end <= 0)
                            .count();
        }
        return due;
    }
}
