package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.HistoryPoint;
import dev.reverb.server.cluster.Publication;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Histories over Redis: not kept yet, every question is answered with nothing. */
final class RedisHistories implements Histories {

    @Override
    public void read(ChannelId channel, Question question, Consumer<Histories.@Nullable Page> answer) {
        answer.accept(null);
    }

    @Override
    public List<Publication> unwritten(ChannelId channel) {
        return List.of();
    }

    @Override
    public @Nullable HistoryPoint placed(Publication publication) {
        return null;
    }
}
