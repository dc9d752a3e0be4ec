package dev.reverb.server.api.publish;

import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterQueries.ChannelCounts;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.tail.Notes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Says whom a published event is for: a look-up for each channel, so only while somebody reads it. */
public final class PublicationNotes {
    private final Cluster cluster;
    private final Notes notes;

    public PublicationNotes(Cluster cluster, Notes notes) {
        this.cluster = cluster;
        this.notes = notes;
    }

    /** {@code event} of {@code app} was accepted. */
    void published(String app, EventRequest event) {
        if (!notes.wanted()) {
            return;
        }
        List<String> channels = event.channels();
        List<CompletableFuture<ChannelCounts>> asked = channels.stream()
                .map(name -> cluster.queries().channel(new ChannelId(app, name)).toCompletableFuture())
                .toList();
        var _ = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).handle((_, failure) -> {
            if (failure == null) {
                List<String> each = new ArrayList<>();
                for (int i = 0; i < channels.size(); i++) {
                    each.add(channels.get(i) + ": " + subscribers(asked.get(i).join().subscriptions()));
                }
                notes.note(app, channels, "event for " + String.join(", ", each) + event.info().leftOut());
            }
            return null;
        });
    }

    private static String subscribers(long count) {
        return count == 0 ? "no subscribers" : count == 1 ? "1 subscriber" : count + " subscribers";
    }
}
