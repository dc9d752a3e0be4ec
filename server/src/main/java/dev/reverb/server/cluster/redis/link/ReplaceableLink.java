package dev.reverb.server.cluster.redis.link;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A link whose settings can change while it works. A change makes a second link and leaves the first in use until the
 * second is up, so that a password that Redis does not know yet, or a certificate that does not match, interrupts
 * nothing: the second link tries for ever. When the first one breaks meanwhile, whichever is up sooner serves; the
 * second takes its place once it works. On the {@link ClusterEventLoop} only.
 */
public final class ReplaceableLink implements Link {

    private static final Logger log = LoggerFactory.getLogger(ReplaceableLink.class);

    private final Maker links;
    private final ClusterNode node;
    private final Listener listener;
    private Leg current;
    private @Nullable Leg next;
    private boolean started;
    private boolean closed;

    /** Makes links to what a configuration says. */
    @FunctionalInterface
    public interface Maker {

        /** The link; it connects once {@link Link#start} is called. */
        Link create(RedisConfig config, ClusterNode node, Link.Listener listener);
    }

    /** What happens on it. */
    public interface Listener extends Link.Listener {

        /**
         * The link works over new settings, without having been down: commands that were under way have failed or fail
         * now, and every subscription has ended.
         */
        void onReplaced();

        /** The new settings do not work, or not yet; the former ones stay in use and another attempt follows. */
        void onReplacementFailed(RedisError error);
    }

    /** Makes the link; it connects once {@link #start} is called. */
    public ReplaceableLink(Maker links, RedisConfig config, ClusterNode node, Listener listener) {
        this.links = links;
        this.node = node;
        this.listener = listener;
        this.current = new Leg(config);
    }

    /** Changes to {@code config}, which is of the same topology and database, as soon as that works. */
    public void replace(RedisConfig config) {
        if (closed) {
            return;
        }
        Leg superseded = next;
        next = null;
        if (superseded != null) {
            var _ = superseded.link.close();
        }
        try {
            Leg leg = new Leg(config);
            if (!started) {
                var _ = current.link.close();
                current = leg;
                return;
            }
            next = leg;
            leg.link.start();
        } catch (RuntimeException e) {
            log.debug("cannot make a link", e);
            listener.onReplacementFailed(ErrorClassifier.of(e, Endpoints.address(config), config.tls()));
        }
    }

    /** One link with the settings that it was made with. */
    private final class Leg implements Link.Listener {
        private final Link link;

        @SuppressWarnings("ThisEscapedInObjectConstruction") // a link says nothing before it is started
        Leg(RedisConfig config) {
            link = links.create(config, node, this);
        }

        private boolean used() {
            return this == current && !closed;
        }

        @Override
        public void onUp() {
            if (used()) {
                listener.onUp();
            } else if (this == next && !closed) {
                Leg former = current;
                boolean wasUp = former.link.up();
                current = this;
                next = null;
                var _ = former.link.close();
                if (wasUp) {
                    listener.onReplaced();
                } else {
                    listener.onUp();
                }
            }
        }

        @Override
        public void onDown(RedisError error) {
            if (used()) {
                listener.onDown(error);
            }
        }

        @Override
        public void onAttemptFailed(RedisError error) {
            if (used() || (this == next && !closed && !current.link.up())) {
                listener.onAttemptFailed(error);
            } else if (this == next && !closed) {
                listener.onReplacementFailed(error);
            }
        }

        @Override
        public void onSubscribed(byte[] topic) {
            if (used()) {
                listener.onSubscribed(topic);
            }
        }

        @Override
        public void onSubscriptionLost(byte[] topic) {
            if (used()) {
                listener.onSubscriptionLost(topic);
            }
        }

        @Override
        public void onMessage(byte[] topic, byte[] message) {
            if (used()) {
                listener.onMessage(topic, message);
            }
        }
    }

    @Override
    public void start() {
        started = true;
        current.link.start();
    }

    @Override
    public boolean up() {
        return current.link.up();
    }

    @Override
    public void run(Script script, byte[][] keys, byte[][] arguments,
            BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
        current.link.run(script, keys, arguments, done);
    }

    @Override
    public <T> void send(Command<T> command, BiConsumer<@Nullable T, @Nullable Throwable> done) {
        current.link.send(command, done);
    }

    @Override
    public void subscribe(byte[] topic) {
        current.link.subscribe(topic);
    }

    @Override
    public void unsubscribe(byte[] topic) {
        current.link.unsubscribe(topic);
    }

    @Override
    public byte[] publishVerb() {
        return current.link.publishVerb();
    }

    @Override
    public boolean slots() {
        return current.link.slots();
    }

    @Override
    public CompletionStage<Void> close() {
        closed = true;
        CompletionStage<Void> ended = current.link.close();
        Leg pending = next;
        return pending == null ? ended : ended.runAfterBoth(pending.link.close(), () -> {});
    }
}
