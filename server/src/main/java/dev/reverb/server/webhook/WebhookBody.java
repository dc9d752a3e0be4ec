package dev.reverb.server.webhook;

import dev.reverb.server.cluster.message.WebhookEvent;
import dev.reverb.server.protocol.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The body of a request, in the form of Pusher's webhooks, with an id of each event beside. */
public final class WebhookBody {

    private WebhookBody() {}

    /** The JSON of {@code events}, sent at {@code timeMillis}. */
    public static byte[] of(List<WebhookEvent> events, long timeMillis) {
        int size = 64;
        for (WebhookEvent event : events) {
            size += event.size();
        }
        JsonWriter json = new JsonWriter(size).ascii("{\"time_ms\":" + timeMillis + ",\"events\":[");
        String comma = "";
        for (WebhookEvent event : events) {
            json.ascii(comma).ascii("{\"id\":").string(event.id()).ascii(",\"name\":\"" + event.type().wire + "\"");
            json.ascii(event.type().ofConnection() ? ",\"socket_id\":" : ",\"channel\":")
                    .string(event.subject().name());
            if (!event.userId().isEmpty()) {
                json.ascii(",\"user_id\":").string(event.userId());
            }
            if (!event.more().isEmpty()) {
                json.ascii(",").raw(event.more().getBytes(StandardCharsets.UTF_8));
            }
            json.ascii("}");
            comma = ",";
        }
        return json.ascii("]}").toBytes();
    }
}
