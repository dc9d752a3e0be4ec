package dev.reverb.server.cluster.redis.log.write;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.SharedState.Admission;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.frame.Frame;
import dev.reverb.server.cluster.redis.frame.Operation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Users who wait for the answer whether a presence channel of this partition has room for them over all nodes. Redis
 * decides, in the order of the log, and makes an admitted user a member in the same step. One question for each user of
 * a channel is under way, whoever asks meanwhile gets its answer too. Cluster thread only.
 */
public final class Admissions {

    private record Question(Operation.Admit operation, List<Predicate<Admission>> waiting) {}

    private final OwnedState owned;
    private final PendingOperations pending;
    private final Consumer<Operation> write;
    /** By scope and user. */
    private final Map<String, Question> questions = new LinkedHashMap<>();
    private boolean stalled;

    /** @param write takes operations that are to be written */
    Admissions(OwnedState owned, PendingOperations pending, Consumer<Operation> write) {
        this.owned = owned;
        this.pending = pending;
        this.write = write;
    }

    /** As {@link dev.reverb.server.cluster.SharedState#admit}. */
    public void ask(ChannelId channel, Member member, int max, Predicate<Admission> decided) {
        if (stalled) {
            var _ = decided.test(Admission.UNKNOWN);
            return;
        }
        Operation.Admit operation = new Operation.Admit(channel, member.userId(), member.channelData(), max);
        Question question = new Question(operation, new ArrayList<>(1));
        Question before = questions.putIfAbsent(key(Keyspace.scope(channel), member.userId()), question);
        (before == null ? question : before).waiting.add(decided);
        if (before == null) {
            write.accept(operation);
        }
    }

    /** Redis takes frames again. */
    void resume() {
        stalled = false;
    }

    /**
     * Redis takes no frames: who waits decides without it.
     *
     * @return whether Redis may have made somebody a member whom this node does not have, until everything is asserted
     */
    boolean stall() {
        stalled = true;
        return giveUp();
    }

    /** The same for those who wait now. */
    boolean giveUp() {
        pending.dropAdmissions();
        List<Question> all = List.copyOf(questions.values());
        questions.clear();
        for (Question question : all) {
            for (Predicate<Admission> one : question.waiting) {
                var _ = one.test(Admission.UNKNOWN);
            }
        }
        return !all.isEmpty();
    }

    /** {@code frame} goes on without its changes of members: what it asked is asked again. */
    void leftOut(Frame frame) {
        List<byte[]> asked = frame.admissions();
        for (int i = 0; i < asked.size(); i += 2) {
            Question question = questions
                    .get(key(new String(asked.get(i), UTF_8), new String(asked.get(i + 1), UTF_8)));
            if (question != null) {
                write.accept(question.operation);
            }
        }
    }

    /**
     * {@code frame} is written.
     *
     * @param reply of {@code write.lua}; of one that was applied before, it says nothing about members
     */
    void written(Frame frame, List<Object> reply) {
        if (reply.size() < 4) {
            if (!questions.isEmpty()) {
                leftOut(frame);
            }
            return;
        }
        Set<String> refused = Set.of(new String((byte[]) reply.get(3), US_ASCII).split(","));
        List<byte[]> asked = frame.admissions();
        for (int i = 0; i < asked.size(); i += 2) {
            String scope = new String(asked.get(i), UTF_8);
            String userId = new String(asked.get(i + 1), UTF_8);
            boolean admitted = !refused.contains(String.valueOf(i / 2 + 1));
            Question question = questions.remove(key(scope, userId));
            if (question != null) {
                answer(question, admitted);
            } else if (admitted && !owned.has(Keyspace.channel(scope), userId)) { // who asked has not waited
                write.accept(new Operation.Leave(Keyspace.channel(scope), userId));
            }
        }
    }

    private void answer(Question question, boolean admitted) {
        Operation.Admit member = question.operation;
        if (admitted) {
            owned.join(member.channel(), member.userId(), member.data());
        }
        boolean wanted = false;
        for (Predicate<Admission> one : question.waiting) {
            wanted |= one.test(admitted ? Admission.ADMITTED : Admission.REFUSED);
        }
        if (admitted && !wanted) {
            owned.leave(member.channel(), member.userId());
            write.accept(new Operation.Leave(member.channel(), member.userId()));
        }
    }

    /** Scopes have no line end. */
    private static String key(String scope, String userId) {
        return scope + '\n' + userId;
    }
}
