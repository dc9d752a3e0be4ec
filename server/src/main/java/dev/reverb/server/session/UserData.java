package dev.reverb.server.session;

import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.PresenceMember;
import java.nio.charset.StandardCharsets;
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
