package dev.reverb.server.cluster.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.nodes.Ledger.Answer;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Faults, one a test, in three servers with 100 clients and a publisher, who must notice nothing: no connection ends
 * but those to a server that was killed, no event that was answered with 200 is missing, doubled or out of order. The
 * table of them is printed at the end, and written to {@code target/fault-table.md}.
 */
final class FaultTableTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int CLIENTS = 33;
    private static final List<String> ROWS = new CopyOnWriteArrayList<>();

    @TempDir
    Path folder;

    /** What is done, for how long, and undone. */
    enum Fault {
        REDIS_KILLED {
            @Override
            void inject(Scene scene) {
                scene.redis.kill();
            }

            @Override
            void mend(Scene scene) {
                scene.redis.start();
            }
        },
        REDIS_FROZEN {
            @Override
            void inject(Scene scene) {
                scene.redis.pause();
            }

            @Override
            void mend(Scene scene) {
                scene.redis.resume();
            }
        },
        REDIS_FULL {
            @Override
            void inject(Scene scene) {
                scene.redis.command("CONFIG", "SET", "maxmemory", "1");
            }

            @Override
            void mend(Scene scene) {
                scene.redis.command("CONFIG", "SET", "maxmemory", "0");
            }
        },
        REDIS_EMPTIED {
            @Override
            void inject(Scene scene) {
                scene.redis.command("FLUSHALL");
            }
        },
        LINK_CUT {
            @Override
            void inject(Scene scene) {
                scene.links.getFirst().cut();
            }

            @Override
            void mend(Scene scene) {
                scene.links.getFirst().mend();
            }
        },
        LINK_SILENT {
            @Override
            void inject(Scene scene) {
                scene.links.getFirst().hold();
            }

            @Override
            void mend(Scene scene) {
                scene.links.getFirst().resume();
            }
        },
        SERVER_FROZEN {
            @Override
            void inject(Scene scene) {
                scene.nodes.getFirst().signal("STOP");
            }

            @Override
            void mend(Scene scene) {
                scene.nodes.getFirst().signal("CONT");
            }
        },
        SERVER_KILLED {
            @Override
            void inject(Scene scene) {
                scene.run.kill(scene.nodes.removeFirst());
            }
        };

        abstract void inject(Scene scene);

        void mend(Scene scene) {}
    }

    record Scene(RedisProcess redis, List<CutProxy> links, List<ServerNode> nodes, MessagesRun run) {}

    @AfterAll
    static void print() throws IOException {
        String table = "| Fault | for | connections of others that ended | refused | lost or wrong | healed after |\n"
                + "|---|---|---|---|---|---|\n" + String.join("", ROWS);
        System.out.println(table);
        Files.writeString(Files.createDirectories(Path.of("target")).resolve("fault-table.md"), table);
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_KILLED", "REDIS_FULL", "LINK_CUT", "SERVER_KILLED"})
    @Tag("slow")
    void aShortFaultIsNoticedByNobody(Fault fault) throws Exception {
        inject(fault, Duration.ofSeconds(1), 50);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    void aFaultIsNoticedByNobody(Fault fault) throws Exception {
        inject(fault, Duration.ofSeconds(5), 300);
    }

    private void inject(Fault fault, Duration length, int events) throws Exception {
        List<CutProxy> links = new ArrayList<>();
        try (RedisProcess redis = RedisProcess.server("--appendonly", "yes");
                MessagesRun run = new MessagesRun(folder, 12)) {
            List<ServerNode> nodes = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                links.add(new CutProxy(redis.port()));
                nodes.add(run.start(Map.of("REDIS_PORT", "" + links.get(i).port())));
            }
            for (ServerNode node : nodes) {
                run.populate(node, CLIENTS);
            }
            run.publish(60);
            run.progress(events);
            Scene scene = new Scene(redis, links, nodes, run);
            long ended = run.ended();
            long ofKilled = fault == Fault.SERVER_KILLED ? run.connected(nodes.getFirst()) : 0;
            fault.inject(scene);
            long until = System.nanoTime() + length.toNanos();
            while (System.nanoTime() < until) {
                LockSupport.parkNanos(until - System.nanoTime());
            }
            fault.mend(scene);
            long mended = System.nanoTime();
            scene.nodes.forEach(ServerNode::awaitWritten);
            double healed = (System.nanoTime() - mended) / 1e9;
            run.progress(events);
            run.stop();
            Verdict verdict = run.verdict(PATIENCE);
            long others = run.ended() - ended - ofKilled;
            long refused = run.ledger().count(Answer.REFUSED);
            ROWS.add("| " + fault.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + " | "
                    + length.toSeconds() + " s | " + others + " | " + refused + " | "
                    + (verdict.perfect() ? "0" : verdict) + " | " + String.format(java.util.Locale.ROOT, "%.1f", healed)
                    + " s |\n");
            assertTrue(verdict.perfect(), () -> verdict + "; " + run.summary() + run.evidence());
            assertEquals(0, others, () -> "connections to servers that live ended: " + run.evidence());
            assertEquals(0, refused, run::summary);
        } finally {
            for (CutProxy link : links) {
                link.close();
            }
        }
    }
}
