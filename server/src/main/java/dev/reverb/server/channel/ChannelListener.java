package dev.reverb.server.channel;

/** Called when channels come and go on this node. Called under no lock, on any thread; returns at once. */
public interface ChannelListener {

    /** The first connection subscribed. */
    void created(String app, String channel);

    /** The last connection left. */
    void removed(String app, String channel);

    /** Nobody listens. */
    ChannelListener NONE = new ChannelListener() {
        @Override
        public void created(String app, String channel) {}

        @Override
        public void removed(String app, String channel) {}
    };
}
