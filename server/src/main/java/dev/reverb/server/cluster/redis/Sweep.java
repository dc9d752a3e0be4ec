package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/**
 * Compares, once per heartbeat and after every outage, what each partition has with what this node wrote and heard. It
 * finds what no error tells: a fail-over behind an unbroken link, a message lost on its way to a subscriber who hears
 * no
 * later one. It tells Redis, too, how far this node has read, so that logs keep what it has not. Loop only.
 */
final class Sweep {

    private final LocalNode node;
    private final Link link;
    private final Outbox[] outboxes;
    private final Inbox[] inboxes;

    Sweep(LocalNode node, Link link, Outbox[] outboxes, Inbox[] inboxes) {
        this.node = node;
        this.link = link;
        this.outboxes = outboxes;
        this.inboxes = inboxes;
    }

    void run() {
        for (int p = 0; p < outboxes.length; p++) {
            Outbox outbox = outboxes[p];
            Inbox inbox = inboxes[p];
            if (outbox.used() || inbox.listening()) {
                outbox.beforeSweep();
                inbox.beforeSweep();
                byte[][] keys = {node.keys.origins(p)};
                link.run(Script.SWEEP, keys, new byte[][]{node.idBytes, inbox.cursor()}, (reply, e) -> {
                    if (reply != null) {
                        outbox.swept(number(reply.get(0), -1));
                        inbox.swept(number(reply.get(1), 0));
                    }
                });
            }
        }
    }

    private static long number(@Nullable Object field, long absent) {
        if (field == null) {
            return absent;
        }
        String text = new String((byte[]) field, UTF_8);
        int colon = text.indexOf(':');
        return Long.parseLong(text, 0, colon < 0 ? text.length() : colon, 10);
    }
}
