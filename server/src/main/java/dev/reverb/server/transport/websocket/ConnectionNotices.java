package dev.reverb.server.transport.websocket;

import dev.reverb.server.channel.AppChannels;
import dev.reverb.server.cluster.Webhooks.Outbox;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.WebhookEvent;
import dev.reverb.server.listener.DebugStream;
import dev.reverb.server.listener.ReverbEvent;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.SocketId;
import dev.reverb.server.transport.loop.NodeContext;
import java.nio.charset.StandardCharsets;

/**
 * Hands what happens to a connection to listeners, webhooks and whoever reads along; a look-up where there are none.
 */
final class ConnectionNotices {

    private static final String[] FIELDS = {"event", "data", "user_id"};

    private ConnectionNotices() {}

    static void opened(NodeContext node, String app, long socket) {
        append(node, app, socket, WebhookEvent.Type.CONNECTION_OPENED, "");
    }

    static void pruned(NodeContext node, String app, long socket) {
        if (node.listeners().any()) {
            node.listeners().emit(new ReverbEvent.ConnectionPruned(app, SocketId.format(socket)));
        }
        append(node, app, socket, WebhookEvent.Type.CONNECTION_PRUNED, "");
    }

    /** @param reason as the client was sent it; empty where it sent none */
    static void closed(NodeContext node, String app, long socket, int code, String reason) {
        if (node.notes().wanted()) {
            node.notes()
                    .note(app, SocketId.format(socket) + " closed with " + code
                            + (reason.isEmpty() ? "" : " (" + reason + ")"));
        }
        append(node, app, socket, WebhookEvent.Type.CONNECTION_CLOSED,
                "\"code\":" + code + ",\"reason\":\"" + reason.replace("\"", "\\\"") + "\"");
    }

    /** A message of a client, in {@code bytes[0, length)}. */
    static void received(NodeContext node, AppChannels app, long socket, byte[] bytes, int length) {
        if (node.listeners().any()) {
            node.listeners()
                    .emit(new ReverbEvent.MessageReceived(app.id(), SocketId.format(socket),
                            new String(bytes, 0, length, StandardCharsets.UTF_8)));
        }
        if (app.tail().on()) {
            line(app, socket, " < ", bytes, length);
        }
    }

    /** A message to this connection alone. */
    static void replied(NodeContext node, AppChannels app, long socket, byte[] message) {
        sent(node, app.id(), socket, message);
        if (app.tail().on()) {
            line(app, socket, " > ", message, message.length);
        }
    }

    /** A message to this connection, whether to others too or not. */
    static void sent(NodeContext node, String app, long socket, byte[] message) {
        if (node.listeners().any()) {
            node.listeners()
                    .emit(new ReverbEvent.MessageSent(app, SocketId.format(socket),
                            new String(message, StandardCharsets.UTF_8)));
        }
    }

    /** Pings and their answers are left out: they say nothing that a close with 4201 does not. */
    private static void line(AppChannels app, long socket, String direction, byte[] message, int length) {
        JsonObjectScanner fields = new JsonObjectScanner("event", "channel", "data");
        boolean object = fields.scan(message, 0, length);
        String event = object && fields.has(0) ? fields.string(0) : null;
        if ("pusher:ping".equals(event) || "pusher:pong".equals(event)) {
            return;
        }
        String channel = object && fields.has(1) ? fields.string(1) : null;
        if (channel == null && object && fields.has(2)) { // of a subscribe, it is within the data
            JsonObjectScanner data = new JsonObjectScanner("channel");
            channel = data.scan(message, fields.start(2), fields.end(2)) && data.has(0) ? data.string(0) : null;
        }
        app.tail()
                .line(channel, () -> SocketId.format(socket) + direction
                        + DebugStream.mask(new String(message, 0, length, StandardCharsets.UTF_8)));
    }

    private static void append(NodeContext node, String app, long socket, WebhookEvent.Type type, String more) {
        Outbox outbox = node.cluster().outbox();
        if (outbox.wants(app, type)) {
            outbox.append(new ChannelId(app, SocketId.format(socket)), type, more);
        }
    }

    /** A client event, as it is relayed; its data as text, whatever JSON it was. */
    static void published(NodeContext node, ChannelId channel, long socket, byte[] message) {
        Outbox outbox = node.cluster().outbox();
        if (!outbox.wants(channel.app(), WebhookEvent.Type.CLIENT_EVENT)) {
            return;
        }
        JsonObjectScanner fields = new JsonObjectScanner(FIELDS);
        if (!fields.scan(message, 0, message.length)) {
            return; // no message of this server's
        }
        JsonWriter json = new JsonWriter(message.length + 100).ascii("\"event\":")
                .raw(message, fields.start(0), fields.end(0));
        if (fields.has(1)) {
            json.ascii(",\"data\":");
            if (message[fields.start(1)] == '"') {
                json.raw(message, fields.start(1), fields.end(1));
            } else {
                json.string(message, fields.start(1), fields.end(1));
            }
        }
        json.ascii(",\"socket_id\":\"" + SocketId.format(socket) + "\"");
        String user = fields.has(2) ? fields.string(2) : null;
        if (fields.has(2)) {
            json.ascii(",\"user_id\":");
            if (user != null) {
                json.string(user);
            } else { // a number, as it was signed
                json.string(message, fields.start(2), fields.end(2));
            }
        }
        outbox.append(channel, WebhookEvent.Type.CLIENT_EVENT, new String(json.toBytes(), StandardCharsets.UTF_8));
    }
}
