package dev.reverb.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.reverb.server.cluster.redis.frame.Entry;
import dev.reverb.server.cluster.redis.frame.FrameReader;
import dev.reverb.server.cluster.redis.frame.MalformedFrameException;
import dev.reverb.server.cluster.redis.log.read.LogPage;
import java.nio.charset.StandardCharsets;

/**
 * What stands in Redis in place of a node's frame: entries that hold no more than there is, or the one exception that
 * says what is wrong with it.
 */
class BusFuzzTest {

    @FuzzTest
    void aFrameHasEntriesOrIsMalformed(byte[] bytes) {
        int offset = bytes.length == 0 ? 0 : Math.floorMod(bytes[0], 3); // behind an id, as in a message
        try {
            FrameReader frame = FrameReader.of(bytes, offset);
            if (frame == null) {
                return; // of a later version
            }
            assertTrue(frame.identity().length <= bytes.length);
            assertTrue(frame.origin().length() <= bytes.length);
            long taken = 0;
            for (Entry entry = frame.next(); entry != null; entry = frame.next()) {
                taken += size(entry);
                assertTrue(taken <= bytes.length, "more than there is: " + entry);
            }
        } catch (MalformedFrameException e) {
            assertTrue(e.getMessage() != null && !e.getMessage().isEmpty());
        }
        var _ = LogPage.leadingNumber(new String(bytes, StandardCharsets.UTF_8));
    }

    private static long size(Entry entry) {
        return switch (entry) {
            case Entry.Published(var publication) -> publication.message().length;
            case Entry.Kept(var publication, long _, int _) -> publication.message().length;
            case Entry.Joined(var _, var member) -> member.channelData().length;
            case Entry.Left _,Entry.Counted _,Entry.Requested _ -> 0;
        };
    }
}
