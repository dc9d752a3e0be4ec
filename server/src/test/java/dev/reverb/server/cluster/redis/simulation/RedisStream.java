package dev.reverb.server.cluster.redis.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A stream of the model of Redis: entries in the order of their ids, which only grow. */
final class RedisStream {

    /** Milliseconds and a number, as Redis writes ids: {@code 1700000000000-1}. */
    record Id(long ms, long seq) implements Comparable<Id> {
        static Id parse(String text, long missing) {
            int dash = text.indexOf('-');
            return dash < 0 ? new Id(Long.parseLong(text), missing)
                    : new Id(Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
        }

        @Override
        public int compareTo(Id other) {
            return ms != other.ms ? Long.compare(ms, other.ms) : Long.compareUnsigned(seq, other.seq);
        }

        @Override
        public String toString() {
            return ms + "-" + Long.toUnsignedString(seq);
        }
    }

    private final TreeMap<Id, List<String>> entries = new TreeMap<>();
    private Id last = new Id(0, 0);

    int size() {
        return entries.size();
    }

    RedisStream copy() {
        RedisStream copy = new RedisStream();
        copy.entries.putAll(entries);
        copy.last = last;
        return copy;
    }

    /** Runs one command on it; {@code a} is the command, its key and what follows. */
    Object call(String name, List<String> a) {
        return switch (name) {
            case "XADD" -> add(a);
            case "XLEN" -> (long) entries.size();
            case "XTRIM" -> {
                int i = a.get(3).equals("~") || a.get(3).equals("=") ? 4 : 3;
                yield (long) trim(a.get(2), a.get(i), false);
            }
            case "XDEL" ->
                a.subList(2, a.size()).stream().filter(id -> entries.remove(Id.parse(id, 0)) != null).count();
            case "XRANGE" -> entries(entries, a.get(2), a.get(3), a);
            default -> entries(entries.descendingMap(), a.get(2), a.get(3), a);
        };
    }

    private String add(List<String> a) {
        int i = 2;
        String kind = null;
        String threshold = "";
        boolean about = false;
        if (a.get(i).equals("MINID") || a.get(i).equals("MAXLEN")) {
            kind = a.get(i++);
            about = a.get(i).equals("~");
            i += about || a.get(i).equals("=") ? 1 : 0;
            threshold = a.get(i++);
        }
        Id id = Id.parse(a.get(i++), 0);
        if (id.compareTo(last) <= 0) {
            throw new RedisData.Refused(
                    "ERR The ID specified in XADD is equal or smaller than the target stream top item");
        }
        entries.put(id, List.copyOf(a.subList(i, a.size())));
        last = id;
        if (kind != null) {
            trim(kind, threshold, about);
        }
        return id.toString();
    }

    private int trim(String kind, String threshold, boolean about) {
        NavigableMap<Id, List<String>> old = entries;
        int removable;
        if (kind.equals("MINID")) {
            removable = entries.headMap(Id.parse(threshold, 0), false).size();
        } else {
            removable = Math.max(0, old.size() - Integer.parseInt(threshold));
        }
        int whole = about ? removable / 100 * 100 : removable; // nodes of a stream are removed whole
        for (int n = 0; n < whole; n++) {
            entries.pollFirstEntry();
        }
        return whole;
    }

    private static List<Object> entries(NavigableMap<Id, List<String>> order, String from, String to, List<String> a) {
        int most = a.indexOf("COUNT") > 0 ? Integer.parseInt(a.get(a.indexOf("COUNT") + 1)) : Integer.MAX_VALUE;
        Comparator<? super Id> comparator = order.comparator();
        boolean down = comparator != null;
        List<Object> found = new ArrayList<>();
        for (Map.Entry<Id, List<String>> entry : order.entrySet()) {
            if (found.size() >= most) {
                break;
            }
            if (inside(entry.getKey(), down ? to : from, down ? from : to)) {
                found.add(List.of(entry.getKey().toString(), entry.getValue()));
            }
        }
        return found;
    }

    private static boolean inside(Id id, String low, String high) {
        boolean above = low.equals("-") || (low.startsWith("(") ? id.compareTo(Id.parse(low.substring(1), 0)) > 0
                : !low.equals("+") && id.compareTo(Id.parse(low, 0)) >= 0);
        boolean below = high.equals("+") || (high.startsWith("(") ? id.compareTo(Id.parse(high.substring(1), -1)) < 0
                : !high.equals("-") && id.compareTo(Id.parse(high, -1)) <= 0);
        return above && below;
    }
}
