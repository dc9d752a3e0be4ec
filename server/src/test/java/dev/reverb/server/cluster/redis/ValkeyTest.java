package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterContract;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.File;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The contract over Valkey, where the machine has it: {@code valkey-server} on the PATH. */
@Tag("slow")
final class ValkeyTest extends ClusterContract {

    private static @Nullable RedisProcess valkey;

    @BeforeAll
    static void startValkey() throws Exception {
        Optional<File> executable = Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> new File(folder, "valkey-server"))
                .filter(File::canExecute)
                .findFirst();
        Assumptions.assumeTrue(executable.isPresent(),
                "not tried: no valkey-server on the PATH (Debian 13, or the backports of Debian 12, have the package)");
        valkey = RedisProcess.server(executable.get());
    }

    @AfterAll
    static void stopValkey() {
        if (valkey != null) {
            valkey.close();
        }
    }

    @Override
    protected Cluster start(ClusterEvents events, Balance balance) {
        if (valkey == null) {
            throw new IllegalStateException();
        }
        return Configs.connected(Configs.single(valkey.address()), events, balance);
    }
}
