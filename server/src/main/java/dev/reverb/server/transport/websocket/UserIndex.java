package dev.reverb.server.transport.websocket;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The connections of one loop by user, so that whoever is to be closed is found without a walk over all of them. A
 * connection is a user's once for each presence channel in which it is that member, and once for being signed in. Loop
 * thread only.
 */
final class UserIndex {

    private record User(String app, String id) {}

    /** How often each connection is that user's; the usual map has one entry, and no table. */
    private final Map<User, Map<Connection, Integer>> users = new HashMap<>();

    void add(String app, String userId, Connection connection) {
        users.compute(new User(app, userId), (_, known) -> {
            if (known == null) {
                return Map.of(connection, 1);
            }
            Map<Connection, Integer> more = known instanceof HashMap ? known : new HashMap<>(known);
            more.merge(connection, 1, Integer::sum);
            return more;
        });
    }

    /** Takes back one {@link #add}. */
    void remove(String app, String userId, Connection connection) {
        users.computeIfPresent(new User(app, userId), (_, known) -> {
            if (!(known instanceof HashMap)) { // of one entry
                return known.getOrDefault(connection, 0) > 0 ? null : known;
            }
            known.computeIfPresent(connection, (_, times) -> times == 1 ? null : times - 1);
            return known.isEmpty() ? null : known;
        });
    }

    /** A copy. */
    List<Connection> of(String app, String userId) {
        Map<Connection, Integer> connections = users.get(new User(app, userId));
        return connections == null ? List.of() : List.copyOf(connections.keySet());
    }
}
