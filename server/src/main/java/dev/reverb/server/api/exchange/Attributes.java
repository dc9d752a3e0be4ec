package dev.reverb.server.api.exchange;

import dev.reverb.model.setting.Shown;
import dev.reverb.server.cluster.ClusterQueries.ChannelCounts;
import dev.reverb.server.protocol.ChannelKind;
import dev.reverb.server.protocol.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The attributes of channels that a request asks for.
 *
 * @param userCount members of presence channels
 * @param subscriptionCount connections
 * @param cache the cached event
 * @param any whether anything was asked for, known or not
 * @param unknown what was asked for and no channel has, separated by commas
 */
public record Attributes(boolean userCount, boolean subscriptionCount, boolean cache, boolean any, String unknown) {

    public static final Attributes NONE = new Attributes(false, false, false, false, "");

    /** Reads a comma-separated list; attributes that are not known are ignored, as in Reverb. */
    public static Attributes parse(String attributes) {
        boolean userCount = false;
        boolean subscriptionCount = false;
        boolean cache = false;
        List<String> unknown = new ArrayList<>();
        for (String attribute : attributes.split(",")) {
            switch (attribute.strip()) {
                case "user_count" -> userCount = true;
                case "subscription_count" -> subscriptionCount = true;
                case "cache" -> cache = true;
                case "" -> {
                }
                default -> unknown.add(attribute.strip());
            }
        }
        return new Attributes(userCount, subscriptionCount, cache, !attributes.isBlank(), String.join(", ", unknown));
    }

    /** That some of it is left out, as a remark behind a line; empty when nothing is. */
    public String leftOut() {
        return unknown.isEmpty() ? ""
                : " (" + Shown.quoted(unknown) + " in info left out; allowed is user_count, subscription_count, cache)";
    }

    /**
     * Appends the counts that apply to {@code channel} as members of an object, each with a comma before it when asked;
     * none applies to a channel that nobody is subscribed to, as in Reverb.
     */
    public void write(JsonWriter writer, String channel, ChannelCounts counts, boolean comma) {
        if (counts.subscriptions() == 0) {
            return;
        }
        boolean presence = ChannelKind.of(channel).presence();
        boolean separated = comma;
        if (userCount && presence) {
            writer.ascii(separated ? "," : "").ascii("\"user_count\":" + counts.users());
            separated = true;
        }
        if (subscriptionCount && !presence) {
            writer.ascii(separated ? "," : "").ascii("\"subscription_count\":" + counts.subscriptions());
        }
    }
}
