package dev.reverb.server.cluster.nodes;

import java.util.ArrayList;
import java.util.List;

/** What was published, under which number, and how it was answered. Any thread. */
final class Ledger {

    /** How a publication was answered. */
    enum Answer {
        /** Not yet. */
        NONE,
        /** 200: every client that is there has to get it. */
        ACKNOWLEDGED,
        /** 503: no client may get it. */
        REFUSED,
        /** The server died over it: clients may get it. */
        UNKNOWN
    }

    /** One publication. */
    static final class Entry {
        final int id;
        final int channel;
        final ServerNode node;
        volatile long sentAt;
        volatile Answer answer = Answer.NONE;

        private Entry(int id, int channel, ServerNode node) {
            this.id = id;
            this.channel = channel;
            this.node = node;
        }
    }

    private final List<Entry> entries = new ArrayList<>();

    synchronized Entry add(int channel, ServerNode node) {
        Entry entry = new Entry(entries.size(), channel, node);
        entries.add(entry);
        return entry;
    }

    synchronized Entry get(int id) {
        return entries.get(id);
    }

    synchronized List<Entry> all() {
        return List.copyOf(entries);
    }

    synchronized int size() {
        return entries.size();
    }

    long count(Answer answer) {
        return all().stream().filter(entry -> entry.answer == answer).count();
    }
}
