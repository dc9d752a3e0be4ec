package dev.reverb.server.transport.websocket;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Webhooks.Outbox;
import dev.reverb.server.cluster.WebhookEvent;
import dev.reverb.server.listener.ReverbEvent;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.protocol.SocketId;
import dev.reverb.server.transport.loop.NodeContext;
import java.nio.charset.StandardCharsets;

/** Hands what happens to a connection to listeners, webhooks and the debug stream; a look-up where there are none. */
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

    static void closed(NodeContext node, String app, long socket, int code) {
        if (node.listeners().debugging()) {
            node.listeners().note(app + " " + SocketId.format(socket) + " closed with " + code);
        }
        append(node, app, socket, WebhookEvent.Type.CONNECTION_CLOSED,
                "\"code\":" + code + ",\"reason\":\"" + reason(code) + "\"");
    }

    private static void append(NodeContext node, String app, long socket, WebhookEvent.Type type, String more) {
        Outbox outbox = node.cluster().outbox();
        if (outbox.wants(app, type)) {
            outbox.append(new ChannelId(app, SocketId.format(socket)), type, more);
        }
    }

    private static String reason(int code) {
        for (ProtocolError error : ProtocolError.values()) {
            if (error.code() == code) {
                return error.text().replace("\"", "\\\"");
            }
        }
        return "";
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
