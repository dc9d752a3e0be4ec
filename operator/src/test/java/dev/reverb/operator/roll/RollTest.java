package dev.reverb.operator.roll;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RollTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static ServerState server(int ordinal, String revision, boolean ready) {
        return new ServerState(ordinal, revision, ready, NOW.minusSeconds(30), false);
    }

    private static List<ServerState> servers(String... revisions) {
        return IntStream.range(0, revisions.length).mapToObj(i -> server(i, revisions[i], true)).toList();
    }

    private static RollInput input(int wanted, boolean surge, int partition, List<ServerState> servers) {
        return new RollInput(wanted, surge, servers.size(), partition, "old", "new", true, servers, true, false,
                PATIENCE, NOW);
    }

    @Test
    void restsWhenEveryServerIsOfTheNewRevisionAndGuarded() {
        RollInput input = new RollInput(2, false, 2, Roll.GUARD, "new", "new", true, servers("new", "new"), true, false,
                PATIENCE, NOW);
        assertEquals(new RollAction.Rest(), Roll.next(input));
    }

    @Test
    void replacesTheHighestOldServerFirst() {
        assertEquals(new RollAction.Replace(2), Roll.next(input(3, false, Roll.GUARD, servers("old", "old", "old"))));
        assertEquals(new RollAction.Replace(1), Roll.next(input(3, false, 2, servers("old", "old", "new"))));
    }

    @Test
    void waitsForTheReplacedServerToBeReady() {
        List<ServerState> servers = List.of(server(0, "old", true), server(1, "old", true), server(2, "new", false));
        assertEquals(new RollAction.Wait(true, "server 2 is not ready"), Roll.next(input(3, false, 2, servers)));
    }

    @Test
    void waitsForReconnectsToSettle() {
        RollInput input = new RollInput(3, false, 3, 2, "old", "new", true, servers("old", "old", "new"), false, false,
                PATIENCE, NOW);
        assertEquals(new RollAction.Wait(true, "reconnects are settling"), Roll.next(input));
    }

    @Test
    void waitsWhileAServerDrains() {
        List<ServerState> servers = List.of(server(0, "old", true), server(1, "old", true),
                new ServerState(2, "old", false, NOW, true));
        assertEquals(new RollAction.Wait(true, "server 2 is draining"), Roll.next(input(3, false, 2, servers)));
    }

    @Test
    void decidesNothingFromAStaleStatus() {
        RollInput input = new RollInput(3, false, 3, 2, "old", "new", false, servers("old", "old", "new"), true, false,
                PATIENCE, NOW);
        assertInstanceOf(RollAction.Wait.class, Roll.next(input));
    }

    @Test
    void surgeAddsAServerOfTheNewRevisionBeforeAnyOldOneGoes() {
        assertEquals(new RollAction.Surge(2, 1), Roll.next(input(1, true, Roll.GUARD, servers("old"))));
        List<ServerState> added = List.of(server(0, "old", true), server(1, "new", false));
        assertEquals(new RollAction.Wait(true, "server 1 is not ready"), Roll.next(input(1, true, 1, added)));
        assertEquals(new RollAction.Replace(0), Roll.next(input(1, true, 1, servers("old", "new"))));
    }

    @Test
    void theSurgedServerGoesWhenTheRollIsOver() {
        RollInput input = new RollInput(1, true, 2, 0, "new", "new", true, servers("new", "new"), true, false, PATIENCE,
                NOW);
        assertEquals(new RollAction.ScaleDown(1), Roll.next(input));
    }

    @Test
    void aHeldRollTouchesNothing() {
        RollInput input = new RollInput(3, false, 3, Roll.GUARD, "old", "new", true, servers("old", "old", "old"), true,
                true, PATIENCE, NOW);
        assertEquals(new RollAction.Hold(), Roll.next(input));
    }

    @Test
    void anOldServerThatIsNotReadyIsWaitedForOnlyForAWhile() {
        List<ServerState> lately = List.of(server(0, "old", false), server(1, "old", true));
        assertEquals(new RollAction.Wait(true, "server 0 is not ready"),
                Roll.next(input(2, false, Roll.GUARD, lately)));
        List<ServerState> long_ = List.of(new ServerState(0, "old", false, NOW.minus(PATIENCE.multipliedBy(2)), false),
                server(1, "old", true));
        assertEquals(new RollAction.Replace(1), Roll.next(input(2, false, Roll.GUARD, long_)));
    }

    private static RollInput uncreatable(int replicas, int partition, List<ServerState> servers) {
        return new RollInput(replicas, false, replicas, partition, "old", "new", true, servers, true, false, PATIENCE,
                Duration.ZERO, true, NOW);
    }

    @Test
    void aServerThatTheOldRevisionCannotCreateGetsTheNewOne() {
        List<ServerState> none = List.of();
        assertEquals(new RollAction.Replace(1), Roll.next(uncreatable(2, Roll.GUARD, none)));
        assertEquals(new RollAction.Wait(true, "server 1 does not exist yet"), Roll.next(uncreatable(2, 1, none)));
        assertEquals(new RollAction.Replace(0), Roll.next(uncreatable(2, 1, List.of(server(1, "new", true)))));
    }

    @Test
    void aServerThatIsMissingForLongDoesNotKeepTheFixFromTheOthers() {
        List<ServerState> servers = List.of(server(0, "old", true), server(1, "old", true));
        assertEquals(new RollAction.Replace(3), Roll.next(uncreatable(4, Roll.GUARD, servers)));
        List<ServerState> lower = List.of(server(1, "old", true));
        assertEquals(new RollAction.Replace(1), Roll.next(uncreatable(2, Roll.GUARD, lower)));
    }

    @Test
    void aNewServerIsWatchedForAWhileBeforeTheNextOneIsReplaced() {
        List<ServerState> servers = List.of(server(0, "old", true), server(1, "new", true));
        RollInput watched = new RollInput(2, false, 2, 1, "old", "new", true, servers, true, false, PATIENCE,
                Duration.ofSeconds(40), false, NOW);
        assertEquals(new RollAction.Wait(true, "server 1 is new and watched for 40 s"), Roll.next(watched));
        RollInput passed = new RollInput(2, false, 2, 1, "old", "new", true, servers, true, false, PATIENCE,
                Duration.ofSeconds(20), false, NOW);
        assertEquals(new RollAction.Replace(0), Roll.next(passed));
    }

    @Test
    void aBrokenServerThatIsNextIsReplacedAtOnce() {
        List<ServerState> servers = List.of(server(0, "old", true), server(1, "old", false));
        assertEquals(new RollAction.Replace(1), Roll.next(input(2, false, Roll.GUARD, servers)));
    }

    @Test
    void scalesUpAtOnceAndDownOneAtATime() {
        RollInput up = new RollInput(5, false, 2, Roll.GUARD, "a", "a", true, servers("a", "a"), false, false, PATIENCE,
                NOW);
        assertEquals(new RollAction.ScaleUp(5), Roll.next(up));
        RollInput down = new RollInput(1, false, 3, Roll.GUARD, "a", "a", true, servers("a", "a", "a"), true, false,
                PATIENCE, NOW);
        assertEquals(new RollAction.ScaleDown(2), Roll.next(down));
        RollInput draining = new RollInput(1, false, 2, Roll.GUARD, "a", "a", true,
                List.of(server(0, "a", true), server(1, "a", true), new ServerState(2, "a", false, NOW, true)), true,
                false, PATIENCE, NOW);
        assertEquals(new RollAction.Wait(false, "server 2 is draining"), Roll.next(draining));
    }

    /** A StatefulSet controller with a mind of its own about when things happen. */
    private static final class Controller {
        final Random random;
        int replicas;
        int partition = Roll.GUARD;
        String current = "old";
        List<ServerState> servers = new ArrayList<>();

        Controller(int replicas, long seed) {
            this.replicas = replicas;
            random = new Random(seed);
            IntStream.range(0, replicas).forEach(i -> servers.add(server(i, "old", true)));
        }

        void pass() {
            servers.removeIf(server -> server.terminating() && random.nextInt(3) == 0);
            servers.replaceAll(server -> !server.ready() && !server.terminating() && random.nextBoolean()
                    ? server(server.ordinal(), server.revision(), true)
                    : server);
            servers.replaceAll(
                    server -> server.ordinal() >= replicas && !server.terminating() ? terminating(server) : server);
            for (int i = 0; i < replicas; i++) {
                int ordinal = i;
                if (servers.stream().noneMatch(server -> server.ordinal() == ordinal)) {
                    servers.add(server(ordinal, ordinal >= partition ? "new" : current, false));
                }
            }
            servers.sort(Comparator.comparingInt(ServerState::ordinal));
            boolean healthy = servers.stream().allMatch(ServerState::ready);
            for (int i = servers.size() - 1; i >= 0 && healthy; i--) {
                ServerState server = servers.get(i);
                if (server.ordinal() >= partition && !server.revision().equals("new")) {
                    servers.set(i, terminating(server));
                    break;
                }
            }
            if (servers.size() == replicas
                    && servers.stream().allMatch(server -> server.ready() && server.revision().equals("new"))) {
                current = "new";
            }
        }

        private static ServerState terminating(ServerState server) {
            return new ServerState(server.ordinal(), server.revision(), false, NOW, true);
        }

        long ready() {
            return servers.stream().filter(ServerState::ready).count();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void overAnyTimingARollEndsWithoutEverTakingMoreThanOneServerAway(boolean surge) {
        for (long seed = 0; seed < 400; seed++) {
            int wanted = 1 + (int) (seed % 5);
            Controller controller = new Controller(wanted, seed);
            RollAction action = new RollAction.Wait(true, "");
            int steps = 0;
            while (!(action instanceof RollAction.Rest) && steps++ < 2_000) {
                boolean observed = controller.random.nextInt(4) > 0;
                boolean settled = controller.random.nextInt(4) > 0;
                action = Roll.next(new RollInput(wanted, surge, controller.replicas, controller.partition,
                        controller.current, "new", observed, controller.servers, settled, false, PATIENCE, NOW));
                switch (action) {
                    case RollAction.ScaleUp(int to) -> controller.replicas = to;
                    case RollAction.ScaleDown(int to) -> controller.replicas = to;
                    case RollAction.Surge(int to, int partition) -> {
                        controller.replicas = to;
                        controller.partition = partition;
                    }
                    case RollAction.Replace(int ordinal) -> controller.partition = ordinal;
                    case RollAction.Guard _ -> controller.partition = Roll.GUARD;
                    case RollAction.Rest _,RollAction.Wait _,RollAction.Hold _ -> {
                    }
                }
                controller.pass();
                long least = surge ? wanted : wanted - 1;
                assertTrue(controller.ready() >= least, "seed " + seed + ": " + controller.servers);
            }
            assertInstanceOf(RollAction.Rest.class, action, "seed " + seed + " never ended: " + controller.servers);
            assertEquals(wanted, controller.servers.size());
            assertTrue(controller.servers.stream().allMatch(server -> server.revision().equals("new")));
        }
    }
}
