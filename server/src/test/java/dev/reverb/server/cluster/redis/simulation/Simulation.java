package dev.reverb.server.cluster.redis.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.ClusterQueries.ChannelCounts;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.simulation.SimulatedNode.Attachment;
import dev.reverb.server.cluster.redis.simulation.SimulatedNode.Built;
import dev.reverb.server.cluster.redis.simulation.SimulatedNode.Sent;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.server.config.ScalingConfig.WhenDown;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Lets a story happen, waits until everything is at rest, and says which promises were broken. */
final class Simulation {

    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration RETENTION = Duration.ofMinutes(2);
    private static final long SECOND = 1000 * World.MILLI;
    private static final ScalingConfig CONFIG = new ScalingConfig(true, "sim",
            new RedisConfig(List.of("redis:6379"), Topology.SINGLE, Optional.empty(), Optional.empty(),
                    Optional.empty(), Optional.empty(), 0, false, Optional.empty(), true, Duration.ofSeconds(60)),
            LEASE, RETENTION, WhenDown.HOLD, true);
    private static final List<ChannelId> CHANNELS = channels();

    private final Story story;
    private final Built built;
    private final World world;
    private final RedisModel redis;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final List<SimulatedNode> ended = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private int names;
    private int asked;

    private Simulation(Story story, Lua scripts, Built built) {
        this.story = story;
        this.built = built;
        world = new World(story.seed());
        redis = new RedisModel(world, scripts);
        for (int i = 0; i < story.nodes(); i++) {
            nodes.add(start());
        }
    }

    private static List<ChannelId> channels() {
        List<ChannelId> all = new ArrayList<>();
        for (int i = 0; i < Story.CHANNELS; i++) {
            all.add(new ChannelId("app", (i == Story.CACHED ? "presence-cache-" : "presence-") + i));
        }
        return all;
    }

    private SimulatedNode start() {
        return new SimulatedNode(world, redis, CONFIG, "n" + ++names, story, built);
    }

    /**
     * Runs a story.
     *
     * @param scripts as they are, or with a fault put in
     * @return the promises that were broken, in words; empty when none was
     */
    static List<String> run(Story story, Lua scripts) {
        return run(story, scripts, Built.AS_IT_IS);
    }

    /** The same with nodes that lack a protection. */
    static List<String> run(Story story, Lua scripts, Built built) {
        return new Simulation(story, scripts, built).run();
    }

    private List<String> run() {
        int last = 0;
        for (Story.Step step : story.steps()) {
            last = Math.max(last, step.millis() + step.action().millis());
            world.at(step.millis() * World.MILLI, () -> carryOut(step.action()));
            if (step.action() instanceof Action.FailOver(int lost, int _)) {
                world.at((step.millis() - lost) * World.MILLI, redis::snapshot);
            }
        }
        world.runUntil(last * World.MILLI + SECOND);
        redis.full(false);
        nodes.forEach(node -> node.link().mend());
        List<String> left = rest(12 * SECOND);
        if (!left.isEmpty() && broken.isEmpty() && world.faults().isEmpty()) { // some promises take longer
            left = rest(26 * SECOND);
        }
        broken.addAll(left);
        broken.addAll(world.faults());
        return broken;
    }

    /** What is not as promised when nothing went wrong for so long. */
    private List<String> rest(long nanos) {
        world.runUntil(world.nanos() + nanos);
        Rest rest = new Rest();
        nodes.stream().filter(node -> node.alive && node.cluster.linkUp()).forEach(rest::goesOn);
        world.runUntil(world.nanos() + 3 * SECOND);
        rest.judge();
        return rest.broken;
    }

    private void carryOut(Action action) {
        switch (action) {
            case Action.Attach(int node, int channel) -> with(node, n -> n.attach(CHANNELS.get(channel)));
            case Action.Detach(int node, int channel) -> with(node, n -> n.detach(CHANNELS.get(channel)));
            case Action.Publish(int node, int channel, int times) -> with(node, n -> {
                for (int i = 0; i < times; i++) {
                    n.publish(CHANNELS.get(channel));
                }
            });
            case Action.Join(int node, int channel, String user) ->
                with(node, n -> n.join(CHANNELS.get(channel), user));
            case Action.Leave(int node, int channel, String user) ->
                with(node, n -> n.leave(CHANNELS.get(channel), user));
            case Action.Count(int node, int channel, int count) ->
                with(node, n -> n.count(CHANNELS.get(channel), count));
            case Action.Connect(int node, int limit) -> with(node, n -> n.connect(limit));
            case Action.Disconnect(int node) -> with(node, SimulatedNode::disconnect);
            case Action.Cut(int node, boolean silently, int millis) -> with(node, n -> {
                n.link().cut(silently);
                world.after(millis * World.MILLI, n.link()::mend);
            });
            case Action.Freeze(int node, int millis) -> with(node, n -> n.thread.freeze(millis * World.MILLI));
            case Action.Crash(int node) -> with(node, SimulatedNode::crash);
            case Action.Stop(int node) -> with(node, this::stop);
            case Action.Start(int node) -> {
                if (!nodes.get(node).alive) {
                    ended.add(nodes.set(node, start()));
                }
            }
            case Action.RestartRedis(boolean empty, int down) -> redis.restart(empty, down * World.MILLI);
            case Action.FailOver(int _, int down) -> redis.failOver(down * World.MILLI);
            case Action.FreezeRedis(int millis) -> redis.freeze(millis * World.MILLI);
            case Action.FillRedis(int millis) -> {
                redis.full(true);
                world.after(millis * World.MILLI, () -> redis.full(false));
            }
            case Action.ShiftRedisClock(int step) -> redis.shiftClock(step);
            case Action.Ask(int node) -> with(node, n -> {
                asked++;
                n.cluster.state().broadcast(new Control.TerminateUser("app", "u"), () -> {});
            });
            case Action.Look(int node, int channel) -> with(node, n -> {
                members(n, CHANNELS.get(channel), n.views.getOrDefault(CHANNELS.get(channel), Set.of()),
                        nodes.stream().filter(one -> one.alive).toList(), broken);
                if (n.requests < asked) {
                    broken.add(n + " has seen " + n.requests + " of " + asked + " requests at "
                            + world.nanos() / World.MILLI + " ms");
                }
            });
            case Action.Waits(int node) -> with(node, n -> {
                if (n.sent.stream().allMatch(sent -> sent.acknowledged)) {
                    broken.add("no publication of " + n + " waits");
                }
            });
            case Action.Lag(int node, int channel, int millis) ->
                with(node, n -> n.lag(CHANNELS.get(channel), millis * World.MILLI));
            case Action.MoveSlot(int channel, int millis) ->
                redis.moveSlot(Keyspace.tag(Keyspace.partition(CHANNELS.get(channel))), millis * World.MILLI);
        }
    }

    private void stop(SimulatedNode node) {
        node.thread.execute(() -> node.cluster.leave(node::crash));
        world.after(2 * SECOND, node::crash); // a server waits that long, and ends
    }

    private interface Task {
        void on(SimulatedNode node);
    }

    private void with(int node, Task task) {
        if (nodes.get(node).alive) {
            task.on(nodes.get(node));
        }
    }

    private static void members(SimulatedNode node, ChannelId channel, Set<String> view, List<SimulatedNode> living,
            List<String> to) {
        Set<String> truth = new TreeSet<>();
        for (SimulatedNode other : living) {
            if (other != node) {
                other.members.getOrDefault(channel, Set.of())
                        .forEach(user -> truth.add(other.cluster.node() + "/" + user));
            }
        }
        // an owner is a node and its epoch: two epochs of one node are one too many
        List<String> seen = view.stream().map(entry -> entry.replaceFirst("\\.\\d+/", "/")).sorted().toList();
        if (!List.copyOf(truth).equals(seen)) {
            to.add(node + " sees the members " + view + " of " + channel.name() + ", there are " + truth);
        }
    }

    /** All promises, looked at once at rest. */
    private final class Rest {
        private final List<String> broken = new ArrayList<>();

        /** At rest nobody waits for anybody: a publication is accepted, and arrives like all others. */
        private void goesOn(SimulatedNode node) {
            for (ChannelId channel : CHANNELS) {
                int before = node.sent.size();
                node.publish(channel);
                if (node.sent.size() == before) {
                    broken.add(node + " refuses a publication to " + channel.name() + " at rest");
                }
            }
        }

        private void judge() {
            List<SimulatedNode> living = nodes.stream().filter(node -> node.alive).toList();
            List<SimulatedNode> all = new ArrayList<>(ended);
            all.addAll(nodes);
            for (SimulatedNode node : living) {
                if (!node.cluster.linkUp()) {
                    broken.add(node + " has no link at rest: " + node.cluster.trouble().orElse("no reason"));
                    return;
                }
                if (node.held() != 0) {
                    broken.add(node + " still holds " + node.held() + " bytes");
                }
                node.sent.stream()
                        .filter(sent -> !sent.acknowledged)
                        .findFirst()
                        .ifPresent(sent -> broken.add(sent.text() + " was accepted and never acknowledged"));
                node.attachments.forEach((channel, attachment) -> received(node, channel, attachment, all));
                node.views.forEach((channel, view) -> members(node, channel, view, living, broken));
                counted(node, living);
            }
        }

        private void received(SimulatedNode node, ChannelId channel, Attachment attachment, List<SimulatedNode> all) {
            if (attachment.since < 0) {
                broken.add(node + " was never attached to " + channel);
                return;
            }
            Map<String, Integer> last = new HashMap<>();
            Set<String> seen = new TreeSet<>();
            for (String text : attachment.received) {
                String by = text.substring(0, text.indexOf('#'));
                int number = Integer.parseInt(text.substring(text.indexOf('#') + 1));
                if (!seen.add(text)) {
                    broken.add(node + " received " + text + " twice");
                } else if (number < last.getOrDefault(by, 0)) {
                    broken.add(node + " received " + text + " after " + by + "#" + last.get(by));
                }
                last.merge(by, number, Math::max);
            }
            for (SimulatedNode other : all) {
                for (Sent sent : other.sent) {
                    boolean due = other != node && sent.channel.equals(channel) && sent.acceptedAt >= attachment.since
                            && (other.alive || (sent.acknowledged && sent.written && !redis.lostWrites));
                    // who has not seen a clock that was set back and then forward can not know when it subscribed by it
                    boolean timeless = attachment.unread
                            && redis.setForwardAgain() > Math.max(attachment.since, sent.acceptedAt);
                    if (due && !timeless && !seen.contains(sent.text())) {
                        broken.add(node + " missed " + sent.text() + " of " + channel.name() + ", published at "
                                + sent.acceptedAt / World.MILLI + " ms, subscribed since "
                                + attachment.since / World.MILLI);
                    }
                }
            }
        }

        private void cached(SimulatedNode node) {
            var asked = node.cluster.queries().cached(CHANNELS.get(Story.CACHED)).toCompletableFuture();
            world.runUntil(world.nanos() + SECOND / 10);
            var event = asked.isDone() ? asked.join() : null;
            String said = event == null ? "" : new String(event.message(), UTF_8);
            if (!said.equals(node.cached)) {
                broken.add(node + " has the cached event " + node.cached + ", Redis has " + said);
            }
        }

        private void counted(SimulatedNode node, List<SimulatedNode> living) {
            for (ChannelId channel : CHANNELS) {
                int truth = living.stream().mapToInt(one -> one.counts.getOrDefault(channel, 0)).sum();
                var asked = node.cluster.queries().channel(channel).toCompletableFuture();
                world.runUntil(world.nanos() + SECOND / 10);
                ChannelCounts said = asked.isDone() ? asked.join() : new ChannelCounts(-1, -1);
                if (said.subscriptions() != truth) {
                    broken.add(node + " counts " + said.subscriptions() + " subscriptions of " + channel.name()
                            + ", there are " + truth);
                }
                Set<String> users = new TreeSet<>();
                living.forEach(one -> users.addAll(one.members.getOrDefault(channel, Set.of())));
                if (said.users() != users.size()) {
                    broken.add(
                            node + " counts " + said.users() + " users of " + channel.name() + ", there are " + users);
                }
            }
            SimulatedNode.Attachment attachment = node.attachments.get(CHANNELS.get(Story.CACHED));
            if (attachment != null && !redis.lostWrites) { // or the order of what is written again decides
                cached(node);
            }
            int truth = living.stream().mapToInt(one -> one.connections).sum();
            var asked = node.cluster.queries().connections("app").toCompletableFuture();
            world.runUntil(world.nanos() + SECOND / 10);
            int said = asked.isDone() ? asked.join() : -1;
            if (said != truth) {
                broken.add(node + " counts " + said + " connections, there are " + truth);
            }
        }
    }
}
