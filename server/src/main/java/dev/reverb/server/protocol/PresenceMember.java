package dev.reverb.server.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A member of a presence channel, from the {@code channel_data} that it was signed with.
 *
 * @param userId the id as text, {@code 1} and {@code "1"} alike
 * @param rawUserId the id as JSON, as it was signed
 * @param rawInfo {@code user_info} as JSON; {@code null} where there is none
 * @param channelData the whole
 */
public record PresenceMember(String userId, byte[] rawUserId, byte[] rawInfo, byte[] channelData) {

    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    /**
     * Parses {@code channel_data}; null when it is no JSON object with a {@code user_id} that is a number, or a string
     * without half a surrogate pair.
     */
    public static @Nullable PresenceMember parse(byte[] channelData) {
        JsonObjectScanner scanner = new JsonObjectScanner("user_id", "user_info");
        if (!scanner.scan(channelData, 0, channelData.length)) {
            return null;
        }
        byte type = scanner.type(0);
        String id;
        if (type == '"') {
            id = JsonObjectScanner.decode(channelData, scanner.start(0), scanner.end(0));
            if (!Utf8.encodable(id)) { // ids, hash and users would differ
                return null;
            }
        } else if (type == '-' || (type >= '0' && type <= '9')) {
            id = new String(channelData, scanner.start(0), scanner.end(0) - scanner.start(0),
                    StandardCharsets.US_ASCII);
        } else {
            return null;
        }
        return new PresenceMember(id, scanner.raw(0), scanner.has(1) ? scanner.raw(1) : NULL, channelData);
    }

    /** {@code {"user_id":…}}, the data of {@code member_removed}. */
    public byte[] removedData() {
        return new JsonWriter(16 + rawUserId.length).ascii("{\"user_id\":").raw(rawUserId).ascii("}").toBytes();
    }

    /** Two members are the same when id and data are. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PresenceMember member && member.userId.equals(userId)
                && Arrays.equals(member.channelData, channelData);
    }

    @Override
    public int hashCode() {
        return userId.hashCode();
    }

    @Override
    public String toString() {
        return "PresenceMember[" + userId + "]";
    }
}
