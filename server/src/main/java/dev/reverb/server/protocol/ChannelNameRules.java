package dev.reverb.server.protocol;

import org.jspecify.annotations.Nullable;

/** Which names channels may have. */
public final class ChannelNameRules {

    /** Characters of a name at most, by hosted Pusher's rule. */
    public static final int MAX_LENGTH = 164;
    /** Characters of a name at most where any name is accepted. */
    public static final int MAX_LENGTH_ANY = 1000;

    private static final String ALLOWED_ANY = "1 to " + MAX_LENGTH_ANY + " characters are allowed, none of them half "
            + "a surrogate pair";

    private ChannelNameRules() {}

    /**
     * What is wrong with {@code name}: what is allowed, as a person reads it; null when nothing is.
     *
     * @param any whether the application accepts any name
     */
    public static @Nullable String wrong(String name, boolean any) {
        if (name.startsWith(ChannelKind.USER_PREFIX)) {
            return name.length() == ChannelKind.USER_PREFIX.length() ? "the id of a user has to follow"
                    : any(name) ? null : ALLOWED_ANY;
        }
        if (any) {
            return any(name) ? null : ALLOWED_ANY;
        }
        return pusher(name) ? null : "1 to " + MAX_LENGTH + " of A-Z a-z 0-9 _ - = @ , . ; are allowed";
    }

    /** Whether {@code name} matches {@code [A-Za-z0-9_\-=@,.;]{1,164}}. */
    public static boolean pusher(String name) {
        int length = name.length();
        if (length == 0 || length > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (!allowed(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether {@code name} is acceptable where an application asks for {@code channel_names: any}. Half a surrogate
     * pair is not: written as UTF-8 it would be a question mark, and two names would be one.
     */
    public static boolean any(String name) {
        return !name.isEmpty() && name.length() <= MAX_LENGTH_ANY && Utf8.encodable(name);
    }

    private static boolean allowed(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'
                || c == '=' || c == '@' || c == ',' || c == '.' || c == ';';
    }
}
