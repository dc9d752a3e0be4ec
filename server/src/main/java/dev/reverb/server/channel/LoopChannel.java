package dev.reverb.server.channel;

import dev.reverb.server.resume.Residue;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One loop's part of a channel: a plain array of its subscribers. Only that loop touches it. */
final class LoopChannel {

    private static final int INITIAL = 4;

    final SharedChannel channel;
    final LoopChannels loop;

    Recipient[] recipients = new Recipient[INITIAL];
    private Subscription[] subscriptions = new Subscription[INITIAL];
    int size;

    /** What waits in the running batch. */
    Delivery[] pending = new Delivery[1];
    int pendingSize;

    /** Subscriptions that are, or will be, in here. Guarded by the channel's lock. */
    int registered;

    /** Whether messages that the channel keeps are sent with their position. */
    final boolean positioned;
    /** What the one subscriber in here must not receive; null in a part for all subscribers of the loop. */
    final @Nullable Residue residue;
    /** That subscriber. Guarded by the channel's lock. */
    @Nullable
    Subscription single;

    LoopChannel(SharedChannel channel, LoopChannels loop, boolean positioned, @Nullable Residue residue) {
        this.channel = channel;
        this.loop = loop;
        this.positioned = positioned;
        this.residue = residue;
    }

    void add(Subscription subscription) {
        if (size == recipients.length) {
            recipients = Arrays.copyOf(recipients, size * 2);
            subscriptions = Arrays.copyOf(subscriptions, size * 2);
        }
        recipients[size] = subscription.recipient;
        subscriptions[size] = subscription;
        subscription.index = size++;
        subscription.home = this;
    }

    @SuppressWarnings("NullAway") // cleared places are beyond size
    void remove(Subscription subscription) {
        int hole = subscription.index;
        int last = --size;
        recipients[hole] = recipients[last];
        subscriptions[hole] = subscriptions[last];
        subscriptions[hole].index = hole;
        recipients[last] = null;
        subscriptions[last] = null;
        subscription.index = -1;
    }

    void addPending(Delivery delivery) {
        if (pendingSize == pending.length) {
            pending = Arrays.copyOf(pending, pendingSize * 2);
        }
        pending[pendingSize++] = delivery;
    }

    @SuppressWarnings("NullAway") // cleared places are beyond pendingSize
    void clearPending() {
        if (pendingSize > 64) {
            pending = new Delivery[1];
        } else {
            Arrays.fill(pending, 0, pendingSize, null);
        }
        pendingSize = 0;
    }
}
