package dev.reverb.model;

/** Which channel names an application accepts: {@code channel_names}. */
public enum ChannelNames {
    /** {@code [A-Za-z0-9_\-=@,.;]{1,164}}, as hosted Pusher; the default. */
    PUSHER,
    /** Any non-empty name of up to 1,000 characters, as Laravel Reverb accepts. */
    ANY
}
