package dev.reverb.server.session;

import dev.reverb.model.AcceptClientEvents;
import dev.reverb.model.App;
import dev.reverb.model.ChannelNames;
import dev.reverb.model.RateLimiting;
import dev.reverb.server.protocol.ChannelKind;
import dev.reverb.server.protocol.ChannelNameRules;
import dev.reverb.server.protocol.ConstantTime;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.Messages;
import dev.reverb.server.protocol.PresenceMember;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.protocol.SocketId;
import dev.reverb.server.protocol.Utf8;
import dev.reverb.server.resume.ResumeRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One client's side of the Pusher protocol: decides what each of its messages makes the server do. Keeps who signed in
 * and how much of the rate limit is used. No I/O, no clock; one thread, that of its {@link SessionContext}.
 */
public final class Session {

    private static final int EVENT = 0;
    private static final int CHANNEL = 1;
    private static final int DATA = 2;

    private static final int D_CHANNEL = 0;
    private static final int D_AUTH = 1;
    private static final int D_CHANNEL_DATA = 2;
    private static final int D_USER_DATA = 3;
    private static final int D_RESUME = 4;

    /** Ids in a watchlist, as at Pusher. */
    static final int MAX_WATCHLIST = 100;

    /** How many seconds' worth of client events a connection may send at once. */
    private static final int BURST_SECONDS = 4;
    private static final String CLIENT_PREFIX = "client-";

    private final SessionContext context;
    private final Memberships memberships;
    private final long socketId;
    private @Nullable PresenceMember user;
    private long windowStart;
    private int windowMessages;
    /** Bytes of client events, less what the rate allowed since. */
    private long eventBytes;
    private long eventBytesAt;
    private final PresenceChurn churn = new PresenceChurn();

    /**
     * Begins a session in which nobody is signed in.
     *
     * @param memberships what the client is subscribed to; changes with the effects that are carried out
     * @param socketId packed
     */
    public Session(SessionContext context, Memberships memberships, long socketId) {
        this.context = context;
        this.memberships = memberships;
        this.socketId = socketId;
    }

    /** The user that the client signed in as, or null. */
    public @Nullable PresenceMember user() {
        return user;
    }

    /**
     * Decides what a message does. To be carried out before the next message is given.
     *
     * @param app as configured now
     * @param nowMillis of a clock that never goes back
     * @param bytes the message in {@code [0, length)}, not necessarily UTF-8; may be reused afterwards
     */
    public Effect receive(App app, long nowMillis, byte[] bytes, int length) {
        RateLimiting limit = app.rateLimiting();
        if (limit.enabled() && overLimit(limit, nowMillis)) {
            return new Effect.RateLimited(limit.terminateOnLimit());
        }
        JsonObjectScanner message = context.message;
        if (!message.scan(bytes, 0, length)) {
            return error(ProtocolError.INVALID_MESSAGE);
        }
        String event = message.string(EVENT);
        if (event == null || event.isEmpty()) {
            return error(ProtocolError.INVALID_MESSAGE);
        } else if (event.startsWith(CLIENT_PREFIX)) {
            return clientEvent(app, message, bytes, event, nowMillis, length);
        } else if (event.startsWith("pusher:")) {
            return command(app, message, event, nowMillis);
        }
        return Effect.None.NONE; // not for a client to send; Reverb ignores it too
    }

    private boolean overLimit(RateLimiting limit, long nowMillis) {
        if (windowMessages == 0 || nowMillis - windowStart >= limit.decay().toMillis()) {
            windowStart = nowMillis;
            windowMessages = 0;
        }
        return ++windowMessages > limit.maxAttempts();
    }

    /** Counts a client event against {@code limits.client_event_rate}; one that is refused is not counted. */
    private boolean overEventRate(long nowMillis, int length) {
        long rate = context.limits.clientEventRate();
        if (rate == 0) {
            return false;
        }
        long allowed = (nowMillis - eventBytesAt) * rate / 1000;
        if (allowed > 0) {
            eventBytes = Math.max(0, eventBytes - allowed);
            eventBytesAt = nowMillis;
        }
        if (eventBytes + length > BURST_SECONDS * rate) {
            return true;
        }
        eventBytes += length;
        return false;
    }

    private static Effect error(ProtocolError error) {
        return new Effect.Reply(error.message());
    }

    private static Effect error(int code, String text) {
        return new Effect.Reply(Messages.error(code, text));
    }

    private Effect command(App app, JsonObjectScanner message, String event, long nowMillis) {
        return switch (event) {
            case "pusher:ping" -> new Effect.Reply(Messages.PONG);
            case "pusher:pong" -> Effect.None.NONE;
            case "pusher:subscribe" -> scanCommand(message) ? subscribe(app, context.command, nowMillis)
                    : error(ProtocolError.INVALID_MESSAGE);
            case "pusher:unsubscribe" ->
                scanCommand(message) ? unsubscribe(context.command, nowMillis) : error(ProtocolError.INVALID_MESSAGE);
            case "pusher:signin" ->
                scanCommand(message) ? signIn(app, context.command) : error(ProtocolError.INVALID_MESSAGE);
            default -> error(ProtocolError.INVALID_MESSAGE);
        };
    }

    private boolean scanCommand(JsonObjectScanner message) {
        byte[] data = data(message);
        return data != null && context.command.scan(data, 0, data.length);
    }

    /** The data as the bytes of a JSON object: as it stands, or out of the JSON string that it is written in. */
    private static byte @Nullable [] data(JsonObjectScanner message) {
        if (message.type(DATA) == '{') {
            return message.raw(DATA);
        }
        String text = message.string(DATA);
        if (text == null || !Utf8.encodable(text)) { // written as UTF-8, half a surrogate pair is a question mark
            return null;
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Effect subscribe(App app, JsonObjectScanner fields, long nowMillis) {
        String channel = fields.string(D_CHANNEL);
        if (channel == null || !fields.stringOrNone(D_AUTH) || !isJsonInString(fields, D_CHANNEL_DATA)) {
            return error(ProtocolError.INVALID_MESSAGE);
        }
        ChannelKind kind = ChannelKind.of(channel);
        String wrong = wrongName(app, channel);
        if (wrong != null) {
            return error(ProtocolError.INVALID_MESSAGE.code(), wrong);
        }
        if (kind == ChannelKind.USER && (user == null || !channel.equals(ChannelKind.USER_PREFIX + user.userId()))) {
            return error(ProtocolError.UNAUTHORIZED);
        }
        String written = fields.string(D_CHANNEL_DATA);
        String signedData = written == null || written.isEmpty() ? null : written; // as in Reverb
        String channelData = kind.presence() ? signedData : null;
        if (kind.guarded() && !authorised(app, fields.string(D_AUTH), signed(channel, signedData))) {
            return error(ProtocolError.UNAUTHORIZED);
        }
        PresenceMember member = null;
        if (channelData != null) {
            member = PresenceMember.parse(channelData.getBytes(StandardCharsets.UTF_8));
            if (member == null) {
                return error(ProtocolError.INVALID_MESSAGE.code(), "channel_data of " + channel
                        + " is no JSON object with a user_id that is a number, or a string without half a surrogate "
                        + "pair");
            }
        } else if (kind.presence()) {
            member = user;
        }
        String over = member == null ? null : overMemberLimits(app, member);
        if (over != null) {
            return error(ProtocolError.INVALID_MESSAGE.code(), over);
        }
        ResumeRequest resume = null;
        if (fields.hasValue(D_RESUME)) {
            try {
                resume = ResumeRequest.parse(fields.raw(D_RESUME));
            } catch (ResumeRequest.Malformed malformed) {
                return error(ProtocolError.INVALID_MESSAGE.code(), "Invalid message format: " + malformed.getMessage());
            }
        }
        return begin(channel, member, resume, nowMillis);
    }

    /** Whether {@code field} is not there, or a string that is empty or holds a JSON value, as Reverb asks. */
    private static boolean isJsonInString(JsonObjectScanner fields, int field) {
        if (!fields.hasValue(field)) {
            return true;
        }
        String text = fields.string(field);
        return text != null && (text.isEmpty()
                || (Utf8.encodable(text) && JsonObjectScanner.wellFormed(text.getBytes(StandardCharsets.UTF_8))));
    }

    private Effect begin(String channel, @Nullable PresenceMember member, @Nullable ResumeRequest resume,
            long nowMillis) {
        boolean again = memberships.contains(channel);
        if (again && resume == null && Objects.equals(memberships.member(channel), member)) {
            return new Effect.GreetAgain(channel);
        }
        if (member != null && churn.exceeded(nowMillis)) {
            return new Effect.TooManyLeaves(channel);
        }
        if (again) { // as another member: the one before leaves
            leaves(channel, nowMillis);
            return new Effect.Subscribe(channel, member, resume);
        }
        int max = context.limits.maxSubscriptions();
        if (memberships.count() >= max) {
            return error(ProtocolError.OVER_CAPACITY.code(),
                    "Too many channels on one connection: at most " + max + " (limits.max_subscriptions)");
        }
        return new Effect.Subscribe(channel, member, resume);
    }

    private void leaves(String channel, long nowMillis) {
        if (memberships.member(channel) != null) {
            churn.left(nowMillis);
        }
    }

    /** The message that the client may not join {@code channel}, since it has left presence channels too often. */
    public static byte[] tooManyLeaves(String channel) {
        byte[] data = new JsonWriter(192)
                .ascii("{\"type\":\"RateLimited\",\"error\":\"This connection leaves presence channels too often: "
                        + PresenceChurn.BURST + " times at once and " + PresenceChurn.PER_SECOND
                        + " times a second are allowed\",\"status\":4301}")
                .toBytes();
        return Messages.internal("pusher:subscription_error", channel, data);
    }

    /** The message that {@code channel} has as many members as the application allows. */
    public static byte[] limitReached(String channel) {
        byte[] data = new JsonWriter(128)
                .ascii("{\"type\":\"LimitReached\",\"error\":\"The channel has as many members as it may "
                        + "have\",\"status\":4004}")
                .toBytes();
        return Messages.internal("pusher:subscription_error", channel, data);
    }

    private static @Nullable String wrongName(App app, String channel) {
        String wrong = ChannelNameRules.wrong(channel, app.channelNames() == ChannelNames.ANY);
        return wrong == null ? null : "Invalid channel name: " + wrong;
    }

    private static @Nullable String overMemberLimits(App app, PresenceMember member) {
        if (member.channelData().length > app.maxPresenceMemberSize()) {
            return "channel_data has " + member.channelData().length + " bytes; at most " + app.maxPresenceMemberSize()
                    + " are allowed (max_presence_member_size)";
        }
        return overIdLimit(app, "user_id", member.userId());
    }

    private static @Nullable String overIdLimit(App app, String field, String id) {
        return id.length() <= app.maxPresenceUserIdLength() ? null
                : field + " has " + id.length() + " characters; at most " + app.maxPresenceUserIdLength()
                        + " are allowed (max_presence_user_id_length)";
    }

    private String signed(String channel, @Nullable String channelData) {
        String text = SocketId.format(socketId) + ":" + channel;
        return channelData == null ? text : text + ":" + channelData;
    }

    private boolean authorised(App app, @Nullable String auth, String text) {
        if (auth == null) {
            return false;
        }
        int colon = auth.indexOf(':');
        if (colon < 0 || !ConstantTime.equal(auth, 0, colon, app.key())) {
            return false;
        }
        return context.signers.verifies(app.secrets(), text, auth.substring(colon + 1));
    }

    private Effect unsubscribe(JsonObjectScanner fields, long nowMillis) {
        String channel = fields.string(D_CHANNEL);
        if (channel == null) {
            return error(ProtocolError.INVALID_MESSAGE);
        }
        if (!memberships.contains(channel)) {
            return Effect.None.NONE;
        }
        leaves(channel, nowMillis);
        return new Effect.Unsubscribe(channel);
    }

    private Effect signIn(App app, JsonObjectScanner fields) {
        String userData = fields.string(D_USER_DATA);
        if (userData == null || !Utf8.encodable(userData) || !fields.stringOrNone(D_AUTH)) {
            return error(ProtocolError.INVALID_MESSAGE);
        }
        String text = SocketId.format(socketId) + "::user::" + userData;
        if (!app.userAuthentication() || !authorised(app, fields.string(D_AUTH), text)) {
            return error(ProtocolError.UNAUTHORIZED);
        }
        PresenceMember signedIn = UserData.parse(userData);
        if (signedIn == null) {
            return error(ProtocolError.INVALID_MESSAGE.code(), "user_data is no JSON object with an id");
        }
        String over = overIdLimit(app, "id", signedIn.userId());
        if (over != null) {
            return error(ProtocolError.INVALID_MESSAGE.code(), over);
        } else if (user != null && !user.userId().equals(signedIn.userId())) {
            return error(ProtocolError.UNAUTHORIZED);
        }
        List<String> watchlist = null;
        if (app.watchlistEvents()) {
            watchlist = UserData.watchlist(userData);
            Effect wrong = wrongWatchlist(app, watchlist);
            if (wrong != null) {
                return wrong;
            }
        }
        user = signedIn;
        return new Effect.SignedIn(UserData.success(userData), watchlist);
    }

    private static @Nullable Effect wrongWatchlist(App app, @Nullable List<String> watchlist) {
        if (watchlist == null) {
            return error(ProtocolError.INVALID_MESSAGE.code(),
                    "watchlist of user_data is no array of ids, each a string or a number");
        } else if (watchlist.size() > MAX_WATCHLIST) {
            return new Effect.Close(ProtocolError.WATCHLIST_TOO_LONG);
        }
        for (String id : watchlist) {
            String over = overIdLimit(app, "an id of watchlist", id);
            if (over != null) {
                return error(ProtocolError.INVALID_MESSAGE.code(), over);
            }
        }
        return null;
    }

    private Effect clientEvent(App app, JsonObjectScanner message, byte[] bytes, String event, long nowMillis,
            int length) {
        String channel = message.string(CHANNEL);
        if (channel == null || channel.isEmpty() || event.length() > context.limits.maxEventNameLength()) {
            return error(ProtocolError.INVALID_MESSAGE);
        }
        AcceptClientEvents accept = app.acceptClientEventsFrom();
        if (accept == AcceptClientEvents.NONE) {
            return error(ProtocolError.CLIENT_EVENTS_DISABLED);
        }
        ChannelKind kind = ChannelKind.of(channel);
        if (!memberships.contains(channel)) {
            if (accept == AcceptClientEvents.MEMBERS || kind.guarded() || kind == ChannelKind.USER) {
                return error(ProtocolError.NOT_A_MEMBER);
            }
            String wrong = wrongName(app, channel);
            if (wrong != null) { // nobody can be subscribed to it
                return error(ProtocolError.INVALID_MESSAGE.code(), wrong);
            }
        }
        if (overEventRate(nowMillis, length)) {
            return new Effect.RateLimited(false);
        }
        int from = message.has(DATA) ? message.start(DATA) : -1;
        int to = message.has(DATA) ? message.end(DATA) : -1;
        PresenceMember sender = memberships.member(channel);
        byte[] name = message.raw(EVENT);
        return new Effect.Publish(channel, sender == null ? Messages.event(name, channel, bytes, from, to)
                : Messages.memberEvent(name, channel, bytes, from, to, sender.rawUserId()));
    }
}
