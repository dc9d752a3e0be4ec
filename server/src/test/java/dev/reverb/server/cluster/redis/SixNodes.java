package dev.reverb.server.cluster.redis;

import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.server.config.ScalingConfig.WhenDown;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import io.lettuce.core.cluster.SlotHash;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Three primaries with a replica each. */
public final class SixNodes implements AutoCloseable {

    private static final Duration LONG = Duration.ofSeconds(40);
    private final List<RedisProcess> nodes = new ArrayList<>();

    public static SixNodes start() throws IOException {
        SixNodes cluster = new SixNodes();
        for (int i = 0; i < 6; i++) {
            cluster.nodes.add(RedisProcess.server("--cluster-enabled", "yes", "--cluster-node-timeout", "1500",
                    "--cluster-port", "" + RedisProcess.freePort(), "--repl-diskless-sync-delay", "0"));
        }
        cluster.form();
        return cluster;
    }

    private void form() {
        int[] bounds = {0, 5461, 10923, 16384};
        for (int i = 0; i < 3; i++) {
            nodes.get(i).command("CLUSTER", "ADDSLOTSRANGE", "" + bounds[i], "" + (bounds[i + 1] - 1));
            nodes.get(i).command("CLUSTER", "SET-CONFIG-EPOCH", "" + (i + 1));
        }
        RedisProcess first = nodes.getFirst();
        for (RedisProcess node : nodes.subList(1, 6)) {
            node.command("CLUSTER", "MEET", "127.0.0.1", "" + first.port(), "" + busPort(first));
        }
        for (RedisProcess node : nodes) {
            Await.until(LONG, () -> "nodes have not met: " + node.command("CLUSTER", "INFO"),
                    () -> node.command("CLUSTER", "INFO").contains("cluster_known_nodes:6"));
        }
        for (int i = 3; i < 6; i++) {
            RedisProcess replica = nodes.get(i);
            String primary = id(nodes.get(i - 3));
            Await.until(LONG, () -> "no replica",
                    () -> replica.command("CLUSTER", "REPLICATE", primary).contains("OK"));
            Await.until(LONG, () -> "not in sync",
                    () -> replica.command("INFO", "replication").contains("master_link_status:up"));
        }
        for (RedisProcess node : nodes) {
            Await.until(LONG, () -> "not ok", () -> node.command("CLUSTER", "INFO").contains("cluster_state:ok"));
        }
    }

    private static int busPort(RedisProcess node) {
        String nodesLine = node.command("CLUSTER", "MYID").isEmpty() ? "" : node.command("CLUSTER", "NODES");
        int at = nodesLine.indexOf('@');
        return Integer.parseInt(nodesLine.substring(at + 1, nodesLine.indexOf(' ', at)).split(",")[0]);
    }

    private static String id(RedisProcess node) {
        return node.command("CLUSTER", "MYID").split("\r\n")[1];
    }

    /** {@code host:port} of each node. */
    public List<String> addresses() {
        return nodes.stream().map(RedisProcess::address).toList();
    }

    ScalingConfig config() {
        return Configs.of(Topology.CLUSTER, addresses(), WhenDown.HOLD);
    }

    private List<RedisProcess> alive() {
        return nodes.stream().filter(RedisProcess::running).toList();
    }

    /** Ids of the nodes that have slots, as the first living node sees them. */
    public String primaries() {
        TreeSet<String> ids = new TreeSet<>();
        for (String line : alive().getFirst().command("CLUSTER", "NODES").split("\n")) {
            if (line.contains("master") && !line.contains("fail") && line.split(" ").length > 8) {
                ids.add(line.split(" ")[0]);
            }
        }
        return ids.toString();
    }

    public boolean ok() {
        return alive().stream().allMatch(n -> n.command("CLUSTER", "INFO").contains("cluster_state:ok"));
    }

    public void killAPrimary() {
        primary(nodes.getFirst()).kill();
    }

    /** {@code node}, or the replica that took its place. */
    private RedisProcess primary(RedisProcess node) {
        return node.command("ROLE").contains("master") ? node : nodes.get(3);
    }

    /** Moves the slot of {@code key}, with what is in it, from one primary to another. */
    public void moveSlotOf(byte[] key) {
        int slot = SlotHash.getSlot(key);
        List<RedisProcess> primaries = nodes.stream()
                .filter(RedisProcess::running)
                .filter(n -> n.command("ROLE").contains("master"))
                .toList();
        RedisProcess from = primaries.stream().filter(n -> owns(n, slot)).findFirst().orElseThrow();
        RedisProcess to = primaries.stream().filter(n -> n != from).findFirst().orElseThrow();
        to.command("CLUSTER", "SETSLOT", "" + slot, "IMPORTING", id(from));
        from.command("CLUSTER", "SETSLOT", "" + slot, "MIGRATING", id(to));
        Await.until(LONG, () -> "keys stay", () -> {
            String[] lines = from.command("CLUSTER", "GETKEYSINSLOT", "" + slot, "20").split("\r\n");
            for (int i = 2; i < lines.length; i += 2) {
                from.command("MIGRATE", "127.0.0.1", "" + to.port(), lines[i], "0", "5000");
            }
            return lines.length <= 1;
        });
        for (RedisProcess node : List.of(to, from)) {
            node.command("CLUSTER", "SETSLOT", "" + slot, "NODE", id(to));
        }
    }

    private static boolean owns(RedisProcess node, int slot) {
        for (String line : node.command("CLUSTER", "NODES").split("\n")) {
            if (line.contains("myself")) {
                String[] words = line.split(" ");
                for (int i = 8; i < words.length; i++) {
                    String[] range = words[i].trim().split("-");
                    if (!words[i].startsWith("[") && slot >= Integer.parseInt(range[0])
                            && slot <= Integer.parseInt(range[range.length - 1])) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    @Override
    public void close() {
        nodes.forEach(RedisProcess::close);
    }
}
