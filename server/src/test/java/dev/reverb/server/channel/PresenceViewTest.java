package dev.reverb.server.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.protocol.PresenceMember;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PresenceViewTest {

    private static final JsonMapper JSON = new JsonMapper();

    private final PresenceView view = new PresenceView();

    private static byte[] data(String id) {
        return ("{\"user_id\":\"" + id + "\",\"user_info\":{\"n\":1}}").getBytes(StandardCharsets.UTF_8);
    }

    private static PresenceMember member(String id) {
        return Objects.requireNonNull(PresenceMember.parse(data(id)));
    }

    private static Member on(String node, String id) {
        return new Member(node, id, data(id));
    }

    @Test
    void aUserIsAMemberFromItsFirstConnectionToItsLast() {
        assertTrue(view.join(member("1")).visible());
        assertFalse(view.join(member("1")).visible());
        assertFalse(view.leave("1").visible());
        assertTrue(view.leave("1").visible());
        assertEquals(0, view.size());
    }

    @Test
    void whatAJoinerIsToldIsRenderedOnceForEachChangeAndAlwaysRight() {
        for (int i = 0; i < 3 * PresenceView.KEPT; i++) {
            view.join(member("u" + i));
            assertEquals(freshly(), text(view));
        }
        assertSame(greeting(view), greeting(view), "the next joiner shares it");
        view.join(member("u0"));
        assertSame(greeting(view), greeting(view));
        view.leave("u5");
        assertEquals(freshly(), text(view));
        view.joinOn(on("b", "far"));
        assertEquals(freshly(), text(view));
        view.leaveOn("b", "far");
        assertEquals(freshly(), text(view));
        view.resync(List.of(on("c", "other")), new ArrayList<>(), new ArrayList<>());
        assertEquals(freshly(), text(view));
    }

    private String freshly() {
        PresenceView fresh = new PresenceView();
        String known = text(view);
        for (String id : known.substring(known.indexOf('[') + 1, known.indexOf(']')).replace("\"", "").split(",")) {
            fresh.join(member(id));
        }
        assertEquals(view.ids(), fresh.ids());
        return text(fresh);
    }

    private static byte[] greeting(PresenceView view) {
        return view.greeting("presence-room");
    }

    /** The data of the greeting. */
    private static String text(PresenceView view) {
        return JSON.readTree(greeting(view)).path("data").asString();
    }

    /** Whatever is in a member: the greeting has its data as a JSON string. */
    @Test
    void whatAMemberHoldsIsEscapedOnce() {
        String data = "{\"user_id\":\"\\\"q\\\\\\u0007é\",\"user_info\":{\"n\":\"a\\nb\\\"😀\"}}";
        view.join(Objects.requireNonNull(PresenceMember.parse(data.getBytes(StandardCharsets.UTF_8))));
        JsonNode presence = JSON.readTree(text(view)).path("presence");
        assertEquals("\"q\\\u0007é", presence.path("ids").path(0).asString());
        assertEquals("a\nb\"😀", presence.path("hash").path("\"q\\\u0007é").path("n").asString());
    }

    @Test
    void aUserOnTwoNodesIsAnnouncedOnce() {
        assertNotNull(view.joinOn(on("a", "1")));
        assertNull(view.joinOn(on("a", "1")), "heard of twice");
        PresenceView.Change here = view.join(member("1"));
        assertFalse(here.visible());
        assertTrue(here.node());
        assertNull(view.leaveOn("a", "1"), "still here");
        assertTrue(view.leave("1").visible());
        assertNull(view.leaveOn("a", "1"), "gone already");
    }

    @Test
    void aResyncTellsOnlyDifferences() {
        view.join(member("local"));
        view.joinOn(on("a", "stays"));
        view.joinOn(on("a", "goes"));
        view.joinOn(on("a", "local"));
        List<PresenceMember> added = new ArrayList<>();
        List<PresenceMember> removed = new ArrayList<>();
        view.resync(List.of(on("b", "stays"), on("b", "comes")), added, removed);
        assertEquals(List.of(member("comes")), added);
        assertEquals(List.of(member("goes")), removed);
        assertEquals(Set.of("local", "stays", "comes"), view.ids());
    }

    @Test
    void idsOfZeroAreMembersAndTheHashIsAnObject() {
        assertEquals("{\"presence\":{\"count\":0,\"ids\":[],\"hash\":{}}}", text(view));
        view.join(Objects.requireNonNull(PresenceMember.parse("{\"user_id\":0}".getBytes(StandardCharsets.UTF_8))));
        assertEquals("{\"presence\":{\"count\":1,\"ids\":[0],\"hash\":{\"0\":null}}}", text(view));
    }

    /** Whatever happens in whatever order: who follows the announcements knows what the view knows. */
    @Test
    void announcementsAddUpToTheTruth() {
        Random random = new Random(11);
        Set<String> followed = new HashSet<>();
        int[] here = new int[6];
        for (int step = 0; step < 20_000; step++) {
            String id = String.valueOf(random.nextInt(6));
            String node = "n" + random.nextInt(3);
            switch (random.nextInt(5)) {
                case 0 -> {
                    here[Integer.parseInt(id)]++;
                    if (view.join(member(id)).visible()) {
                        assertTrue(followed.add(id), "announced twice");
                    }
                }
                case 1 -> {
                    if (here[Integer.parseInt(id)] > 0) {
                        here[Integer.parseInt(id)]--;
                        if (view.leave(id).visible()) {
                            assertTrue(followed.remove(id), "left twice");
                        }
                    }
                }
                case 2 -> {
                    if (view.joinOn(on(node, id)) != null) {
                        assertTrue(followed.add(id), "announced twice");
                    }
                }
                case 3 -> {
                    if (view.leaveOn(node, id) != null) {
                        assertTrue(followed.remove(id), "left twice");
                    }
                }
                default -> {
                    if (random.nextInt(50) == 0) {
                        List<PresenceMember> added = new ArrayList<>();
                        List<PresenceMember> removed = new ArrayList<>();
                        view.resync(List.of(on(node, id)), added, removed);
                        added.forEach(member -> assertTrue(followed.add(member.userId())));
                        removed.forEach(member -> assertTrue(followed.remove(member.userId())));
                    }
                }
            }
            assertEquals(view.ids(), followed);
        }
    }
}
