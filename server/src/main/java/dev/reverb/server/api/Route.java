package dev.reverb.server.api;

import dev.reverb.model.PercentEncoding;
import org.jspecify.annotations.Nullable;

/** What stands behind {@code /apps/{id}/}. */
public sealed interface Route {

    /** The method that it takes. */
    default String method() {
        return "GET";
    }

    /** Whether it answers HEAD too: as GET, without the body. A stream has no such answer. */
    default boolean hasHead() {
        return method().equals("GET");
    }

    /** The methods that it takes, as {@code Allow} has them. */
    default String allowed() {
        return hasHead() ? "GET, HEAD" : method();
    }

    record Events() implements Route {
        @Override
        public String method() {
            return "POST";
        }
    }

    record Batch() implements Route {
        @Override
        public String method() {
            return "POST";
        }
    }

    record Connections() implements Route {}

    record Stats() implements Route {}

    record Restart() implements Route {
        @Override
        public String method() {
            return "POST";
        }
    }

    /** What happens, line by line: the connection is this one's until it ends. */
    record Tail() implements Route {
        @Override
        public boolean hasHead() {
            return false;
        }
    }

    record ChannelList() implements Route {}

    record OneChannel(String channel) implements Route {}

    record History(String channel) implements Route {}

    record Users(String channel) implements Route {}

    record Terminate(String user) implements Route {
        @Override
        public String method() {
            return "POST";
        }
    }

    /** The route of {@code rest}, or null. */
    static @Nullable Route of(String rest) {
        return switch (rest) {
            case "events" -> new Events();
            case "batch_events" -> new Batch();
            case "connections" -> new Connections();
            case "stats" -> new Stats();
            case "restart" -> new Restart();
            case "tail" -> new Tail();
            case "channels" -> new ChannelList();
            default -> nested(rest);
        };
    }

    private static @Nullable Route nested(String rest) {
        String[] segments = rest.split("/", -1);
        if (segments.length < 2 || segments[1].isEmpty()) {
            return null;
        }
        if (segments[0].equals("channels") && segments.length == 2) {
            return new OneChannel(PercentEncoding.decoded(segments[1]));
        }
        if (segments[0].equals("channels") && segments.length == 3 && segments[2].equals("users")) {
            return new Users(PercentEncoding.decoded(segments[1]));
        }
        if (segments[0].equals("channels") && segments.length == 3 && segments[2].equals("history")) {
            return new History(PercentEncoding.decoded(segments[1]));
        }
        if (segments[0].equals("users") && segments.length == 3 && segments[2].equals("terminate_connections")) {
            return new Terminate(PercentEncoding.decoded(segments[1]));
        }
        return null;
    }
}
