package dev.reverb.server.cluster;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.WebhookEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** Takes every event of every application, and is done with it at once, or never. */
public final class RecordingWebhooks implements Webhooks {

    private final List<WebhookEvent> events = new ArrayList<>();
    private final List<Runnable> open = new ArrayList<>();
    private final AtomicLong overflowed = new AtomicLong();
    private Predicate<WebhookEvent> holding = _ -> false;

    @Override
    public boolean any() {
        return true;
    }

    @Override
    public int wanted(String app) {
        return app.equals("quiet") ? 0 : ~0;
    }

    @Override
    public synchronized void deliver(WebhookEvent event, Runnable done) {
        events.add(event);
        if (holding.test(event)) {
            open.add(done);
        } else {
            done.run();
        }
    }

    @Override
    public void overflowed(long lost) {
        overflowed.addAndGet(lost);
    }

    /** From now on nothing that is delivered is done. */
    public synchronized void hold() {
        holding = _ -> true;
    }

    /** From now on nothing of {@code app} that is delivered is done. */
    public synchronized void hold(String app) {
        holding = event -> event.subject().app().equals(app);
    }

    /** Done with what was held; from now on with everything at once. */
    public synchronized void release() {
        holding = _ -> false;
        open.forEach(Runnable::run);
        open.clear();
    }

    /** Events that are not done. */
    public synchronized int held() {
        return open.size();
    }

    /** Events that were lost before they came here. */
    public long overflow() {
        return overflowed.get();
    }

    /** All of one channel, as {@code type user more}, without the counts. */
    public synchronized List<String> of(ChannelId channel) {
        return events.stream()
                .filter(event -> event.subject().equals(channel)
                        && event.type() != WebhookEvent.Type.SUBSCRIPTION_COUNT)
                .map(event -> (event.type().wire + " " + event.userId() + event.more()).strip())
                .toList();
    }

    /** Numbers of subscriptions of one channel that were delivered. */
    public synchronized List<String> counts(ChannelId channel) {
        return events.stream()
                .filter(event -> event.subject().equals(channel)
                        && event.type() == WebhookEvent.Type.SUBSCRIPTION_COUNT)
                .map(WebhookEvent::more)
                .toList();
    }

    /** Ids of one channel's events. */
    public synchronized List<String> ids(ChannelId channel) {
        return events.stream().filter(event -> event.subject().equals(channel)).map(WebhookEvent::id).toList();
    }
}
