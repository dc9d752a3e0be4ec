package dev.reverb.server.api.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RepliesTest {

    private final List<Integer> statuses = new ArrayList<>();

    private void reply(ApiReply reply) {
        statuses.add(reply.status());
    }

    @Test
    void aHandlerThatThrowsIsAnsweredWith500() {
        Replies.when(CompletableFuture.completedFuture(1), this::reply, _ -> {
            throw new IllegalStateException("made by the test");
        });
        assertEquals(List.of(500), statuses);
    }

    @Test
    void aQuestionThatFailsIsAnsweredWith503() {
        Replies.when(CompletableFuture.failedFuture(new IllegalStateException("made by the test")), this::reply,
                _ -> statuses.add(0));
        assertEquals(List.of(503), statuses);
    }
}
