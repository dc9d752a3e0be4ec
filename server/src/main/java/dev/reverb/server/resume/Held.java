package dev.reverb.server.resume;

import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Publication;
import org.jspecify.annotations.Nullable;

/**
 * A publication that was delivered while a returning client's history was read.
 *
 * @param publication what was published
 * @param point where it stands; null for one of this node, which its number tells apart
 */
public record Held(Publication publication, @Nullable HistoryPoint point) {}
