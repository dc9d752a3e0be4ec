package dev.reverb.server.cluster.message;

/**
 * A user in a presence channel, as one node sees it.
 *
 * @param node the node that the user's connections are on
 * @param userId the member's id as text, {@code 1} and {@code "1"} alike
 * @param channelData the member's {@code channel_data}, UTF-8 JSON as signed: {@code {"user_id":…,"user_info":…}}
 */
public record Member(String node, String userId, byte[] channelData) {

    @Override
    public String toString() {
        return "Member[" + node + ", " + userId + "]";
    }
}
