package dev.reverb.e2e.live;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What clients and publisher saw.
 *
 * @param acknowledged publications
 * @param failedPublishes one line each
 * @param abnormalCloses connections that ended without a close frame
 * @param otherCloses connections that ended with another code than 4200
 * @param closes connections that ended with 4200
 * @param refusedHandshakes that failed; each was tried again
 * @param unsubscribed clients that were not back at the end
 * @param due deliveries
 * @param faults of deliveries: lost, doubled, out of order
 * @param underway deliveries that did not arrive, of publications that were under way while the client subscribed
 * @param closesPerSecond with 4200, over the densest {@link #WINDOW}, so that a machine that stalls for a moment is not
 *     taken for a server that rushes
 */
public record Verdict(
        int acknowledged,
        List<String> failedPublishes,
        List<String> abnormalCloses,
        List<String> otherCloses,
        int closes,
        int refusedHandshakes,
        int unsubscribed,
        long due,
        List<String> faults,
        long underway,
        double closesPerSecond) {

    /** Close code of a drain. */
    public static final int DRAINED = 4200;

    /** Over which the pace of closes is measured. */
    public static final Duration WINDOW = Duration.ofSeconds(3);

    private static final int SHOWN = 5;

    static Verdict of(Fleet fleet, Publisher publisher, int unsubscribed, long until) {
        List<Session> sessions = fleet.sessions();
        List<Session> closed = fleet.closed();
        List<Publisher.Publication> acknowledged = publisher.acknowledged();
        return new Verdict(acknowledged.size(), publisher.failures(),
                closed.stream().filter(s -> s.code() == Session.ABNORMAL).map(Verdict::line).toList(),
                closed.stream()
                        .filter(s -> s.code() != Session.ABNORMAL && s.code() != DRAINED)
                        .map(Verdict::line)
                        .toList(),
                (int) closed.stream().filter(s -> s.code() == DRAINED).count(),
                fleet.clients().stream().mapToInt(LiveClient::refused).sum(), unsubscribed,
                Deliveries.due(sessions, acknowledged, until), Deliveries.faults(sessions, acknowledged, until),
                Deliveries.underway(sessions, acknowledged),
                densest(closed.stream().filter(s -> s.code() == DRAINED).map(Session::closedAt).sorted().toList()));
    }

    private static String line(Session session) {
        return session.client() + " " + session.code() + " " + session.reason();
    }

    static double densest(List<Long> sorted) {
        int most = 0;
        int first = 0;
        for (int last = 0; last < sorted.size(); last++) {
            while (sorted.get(last) - sorted.get(first) >= WINDOW.toNanos()) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most / (double) WINDOW.toSeconds();
    }

    /** Everything that must not happen in an orderly roll, one line each; empty when all is well. */
    public List<String> objections() {
        List<String> objections = new ArrayList<>();
        if (acknowledged == 0 || due == 0) {
            objections.add("nothing was published, or nothing was due: this run proves nothing");
        }
        object(objections, "failed publishes", failedPublishes);
        object(objections, "abnormal closes", abnormalCloses);
        object(objections, "closes with another code than " + DRAINED, otherCloses);
        object(objections, "faults of deliveries", faults);
        if (unsubscribed > 0) {
            objections.add(unsubscribed + " clients were not subscribed again");
        }
        return objections;
    }

    private static void object(List<String> objections, String what, List<String> lines) {
        if (!lines.isEmpty()) {
            objections.add(lines.size() + " " + what + ", such as " + lines.subList(0, Math.min(SHOWN, lines.size())));
        }
    }

    /** One line for the log of a run that went well. */
    public String summary() {
        return ("%d acknowledged, %d failed, %d deliveries due, %d faults (%d missed that were under way "
                + "while a client subscribed), %d closes with 4200 (at most %.1f/s), %d abnormal, "
                + "%d refused handshakes").formatted(acknowledged, failedPublishes.size(), due, faults.size(), underway,
                        closes, closesPerSecond, abnormalCloses.size(), refusedHandshakes);
    }
}
