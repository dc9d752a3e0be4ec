package dev.reverb.server.cluster.redis.fault;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what Redis refuses though the link is up: one line when the first part of this node is refused with a code, one
 * when the last part is served again, however many parts there are between. Cluster thread only.
 */
public final class RefusalLog {

    private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);

    private final Map<RedisFault, Set<String>> refused = new HashMap<>();

    /** @param part what Redis does not serve, for example {@code partition 12} */
    public void refused(String part, RedisError error) {
        Set<String> parts = refused.computeIfAbsent(error.fault(), fault -> new TreeSet<>());
        if (parts.add(part) && parts.size() == 1) {
            log.warn("Redis refuses what this node writes or reads for {} ({}); it is held and tried again", part,
                    error);
        }
    }

    /** {@code part} is served again, whatever it was refused with. */
    public void served(String part) {
        refused.entrySet().removeIf(entry -> {
            boolean last = entry.getValue().remove(part) && entry.getValue().isEmpty();
            if (last) {
                log.info("Redis serves {} again (it had answered {})", part, entry.getKey());
            }
            return last;
        });
    }
}
