package dev.reverb.server.transport.websocket;

import dev.reverb.model.App;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.transport.loop.NodeContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why clients are refused before they are connected: the first of each reason in a minute with key and origin, and
 * how many there were since; all of them to whoever reads along. Loop thread only, so the bound is one line a minute
 * for each reason and loop.
 */
final class HandshakeRefusals {
    private static final Logger LOG = LoggerFactory.getLogger(HandshakeRefusals.class);
    private static final long PERIOD_NANOS = 60_000_000_000L;
    private static final int MOST_SHOWN = 80;

    private static final class Since {
        private long written = System.nanoTime() - PERIOD_NANOS;
        private long more;
    }

    private final NodeContext node;
    private final Map<ProtocolError, Since> reasons = new EnumMap<>(ProtocolError.class);

    HandshakeRefusals(NodeContext node) {
        this.node = node;
    }

    /** A handshake for {@code path} from {@code client} is refused with {@code error}. */
    void refused(String path, HttpRequest request, String client, ProtocolError error) {
        if (node.notes().wanted()) {
            App app = path.startsWith("/app/") ? node.apps().byKey(path.substring(5)) : null;
            node.notes().asked(app == null ? null : app.id(), line(path, request, client, error));
        }
        Since since = reasons.computeIfAbsent(error, _ -> new Since());
        long now = System.nanoTime();
        if (now - since.written < PERIOD_NANOS) {
            since.more++;
            return;
        }
        LOG.warn("{}{}", line(path, request, client, error),
                since.more == 0 ? "" : "; " + since.more + " more since the line before");
        since.written = now;
        since.more = 0;
    }

    private static String line(String path, HttpRequest request, String client, ProtocolError error) {
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        return "A client from " + client + " is refused with " + error.code() + " (" + error.text() + "): "
                + shown(path) + (origin == null ? ", without Origin" : ", Origin " + shown(origin));
    }

    private static String shown(String text) {
        return text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) + "\u2026" : text;
    }
}
