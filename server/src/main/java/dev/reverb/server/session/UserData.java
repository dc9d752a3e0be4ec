package dev.reverb.server.session;

import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.protocol.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a client signs in with: {@code user_data}, a JSON object with an {@code id} and perhaps {@code user_info}. */
final class UserData {

    private static final int ID = 0;
    private static final int INFO = 1;

    private UserData() {}

    /**
     * The user as the presence member that it is where it joins without {@code channel_data}; null when there is no id.
     */
    static @Nullable PresenceMember parse(String userData) {
        byte[] bytes = userData.getBytes(StandardCharsets.UTF_8);
        JsonObjectScanner fields = new JsonObjectScanner("id", "user_info");
        if (!fields.scan(bytes, 0, bytes.length) || !fields.has(ID)) {
            return null;
        }
        JsonWriter member = new JsonWriter(bytes.length + 32).ascii("{\"user_id\":").raw(fields.raw(ID));
        if (fields.has(INFO)) {
            member.ascii(",\"user_info\":").raw(fields.raw(INFO));
        }
        PresenceMember user = PresenceMember.parse(member.ascii("}").toBytes());
        return user == null || user.userId().isEmpty() ? null : user;
    }

    /**
     * The ids in {@code watchlist}, each once, none without one; null when it is no array of non-empty strings and
     * numbers.
     */
    static @Nullable List<String> watchlist(String userData) {
        byte[] bytes = userData.getBytes(StandardCharsets.UTF_8);
        JsonObjectScanner fields = new JsonObjectScanner("watchlist");
        if (!fields.scan(bytes, 0, bytes.length) || !fields.hasValue(0)) {
            return List.of();
        }
        List<int[]> elements = fields.elements(0);
        if (elements == null) {
            return null;
        }
        Set<String> ids = LinkedHashSet.newLinkedHashSet(elements.size());
        for (int[] element : elements) {
            byte type = bytes[element[0]];
            if (type != '"' && type != '-' && (type < '0' || type > '9')) {
                return null;
            }
            String id = type == '"' ? JsonObjectScanner.decode(bytes, element[0], element[1])
                    : new String(bytes, element[0], element[1] - element[0], StandardCharsets.US_ASCII);
            if (id.isEmpty() || !Utf8.encodable(id)) {
                return null;
            }
            ids.add(id);
        }
        return List.copyOf(ids);
    }

    /** {@code pusher:signin_success}. */
    static byte[] success(String userData) {
        byte[] data = new JsonWriter(userData.length() + 32).ascii("{\"user_data\":")
                .string(userData)
                .ascii("}")
                .toBytes();
        return new JsonWriter(data.length + 64).ascii("{\"event\":\"pusher:signin_success\",\"data\":")
                .string(data, 0, data.length)
                .ascii("}")
                .toBytes();
    }
}
