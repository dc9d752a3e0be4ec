package dev.reverb.testkit.redis;

import dev.reverb.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Three Sentinels, a primary and two replicas that follow it through a proxy, so that writes can be kept from them. */
public final class Sentinels implements AutoCloseable {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final RedisProcess primary;
    /** What replicas follow that are cut off. */
    private final CutProxy nowhere;
    private final List<RedisProcess> replicas = new ArrayList<>();
    private final List<RedisProcess> sentinels = new ArrayList<>();

    private Sentinels(RedisProcess primary) throws IOException {
        this.primary = primary;
        this.nowhere = new CutProxy(primary.port());
    }

    /** Starts all of them, replicas in sync and Sentinels knowing each other. */
    public static Sentinels start() throws IOException {
        Sentinels all = new Sentinels(RedisProcess.server("--repl-diskless-sync-delay", "0"));
        for (int i = 0; i < 2; i++) {
            all.replicas.add(RedisProcess.server("--replicaof", "127.0.0.1", "" + all.primary.port()));
        }
        for (RedisProcess replica : all.replicas) {
            Await.until(LONG, () -> "not in sync",
                    () -> replica.command("INFO", "replication").contains("master_link_status:up"));
        }
        for (int i = 0; i < 3; i++) {
            all.sentinels.add(RedisProcess.sentinel(all.primary.port(), 2));
        }
        for (RedisProcess sentinel : all.sentinels) {
            Await.until(LONG, () -> "Sentinels do not see each other", () -> {
                String info = sentinel.command("INFO", "sentinel");
                return info.contains("slaves=2") && info.contains("sentinels=3");
            });
        }
        return all;
    }

    /** {@code host:port} of each Sentinel. */
    public List<String> addresses() {
        return sentinels.stream().map(RedisProcess::address).toList();
    }

    public List<RedisProcess> sentinels() {
        return sentinels;
    }

    /** The first primary. */
    public RedisProcess primary() {
        return primary;
    }

    /**
     * What the first primary takes from now on its replicas do not get. Sentinels mend that, eight seconds after they
     * have
     * noticed.
     */
    public void cutReplication() {
        nowhere.cut();
        replicas.forEach(replica -> replica.command("REPLICAOF", "127.0.0.1", "" + nowhere.port()));
    }

    /** Kills the first primary; returns when the Sentinels name another. */
    public void failOver() {
        primary.kill();
        String old = "" + primary.port();
        Await.until(LONG, () -> "no fail-over", () -> !master().equals(old) && !master().isEmpty());
    }

    private String master() {
        for (RedisProcess sentinel : sentinels) {
            String answer = sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main");
            String[] lines = answer.split("\r\n");
            if (lines.length >= 5) {
                return lines[4];
            }
        }
        return "";
    }

    @Override
    public void close() throws IOException {
        sentinels.forEach(RedisProcess::close);
        replicas.forEach(RedisProcess::close);
        nowhere.close();
        primary.close();
    }
}
