package dev.reverb.operator.desired.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverb.operator.plan.AppOwner;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who is served under which id and key. An owner whose entry is in force keeps its id and its key, whatever others
 * write; of those without an entry the earlier claim wins. Pure.
 *
 * <pre>
 * id   the owner of the entry in force; else the first claim, if its owner may have such an id
 * key  the entry that has it in force keeps it; else the first claim. A claim that loses its new key keeps its old
 * entry
 * </pre>
 *
 * @param table what is to be served
 * @param refused claims that are not served as they ask for, with the reason
 */
public record AppAllocation(AppTable table, Map<AppClaim, Refusal> refused) {

    private static final int ENTRY_FORM = 32;
    /** Bytes of all entries and their owners: a Secret takes 1 MiB, of which some is left for the file's form. */
    static final int ROOM = 960 * 1024;
    /** What is said of an application that there is no room for. */
    public static final String FULL = "the cluster's applications fill the " + ROOM
            + " bytes that there are for them: make another cluster, or fewer or smaller applications";

    /** Why a claim is not served as it asks for. */
    public enum Refusal {
        /** Another resource has the id. */
        ID_TAKEN,
        /** The owner's namespace may not have an id of this form. */
        ID_NOT_ALLOWED,
        /** Another application has the key. */
        DUPLICATE_KEY,
        /** The Secret that all applications share has no room for it. */
        TOO_MANY
    }

    /**
     * Allocates. Costs O(n log n) for n claims.
     *
     * @param before what is in force
     * @param claims in their order of precedence, at most one of each owner for an id
     */
    public static AppAllocation of(AppTable before, List<AppClaim> claims) {
        Map<AppClaim, Refusal> refused = new LinkedHashMap<>();
        Map<String, AppClaim> winners = winners(before, claims, refused);
        Map<String, String> keys = new HashMap<>();
        winners.forEach((id, claim) -> inForce(before, claim).ifPresent(entry -> keys.put(AppTable.key(entry), id)));
        int used = 0;
        for (AppClaim claim : winners.values()) {
            used += inForce(before, claim).map(entry -> size(entry, claim)).orElse(0);
        }
        SortedMap<String, JsonNode> entries = new TreeMap<>();
        SortedMap<String, AppOwner> owners = new TreeMap<>();
        for (AppClaim claim : claims) {
            if (!claim.equals(winners.get(claim.id()))) {
                continue;
            }
            Optional<JsonNode> entry = inForce(before, claim);
            if (claim.wanted().isPresent()) {
                String holder = keys.putIfAbsent(claim.wanted().get().credentials().key(), claim.id());
                if (holder == null || holder.equals(claim.id())) {
                    entry = Optional.of(AppTable.entry(claim.wanted().get()));
                } else {
                    refused.put(claim, Refusal.DUPLICATE_KEY);
                }
            }
            JsonNode held = inForce(before, claim).orElse(null);
            int more = entry.map(found -> size(found, claim)).orElse(0) - (held == null ? 0 : size(held, claim));
            if (more > 0 && used + more > ROOM) {
                refused.put(claim, Refusal.TOO_MANY);
                entry = Optional.ofNullable(held);
            } else {
                used += more;
            }
            entry.ifPresent(found -> {
                entries.put(claim.id(), found);
                owners.put(claim.id(), claim.owner());
            });
        }
        return new AppAllocation(new AppTable(entries, owners), refused);
    }

    /** Whether {@code table} has no room for what {@code app} of {@code owner} asks for. */
    public static boolean full(AppTable table, ServedApp app, AppOwner owner) {
        AppClaim claim = new AppClaim(owner, app.id(), true, Optional.of(app));
        int used = 0;
        for (Map.Entry<String, JsonNode> entry : table.entries().entrySet()) {
            AppOwner other = table.owners().getOrDefault(entry.getKey(), owner);
            used += size(entry.getValue(), new AppClaim(other, entry.getKey(), true, Optional.empty()));
        }
        int held = table.served(app.id(), owner).map(entry -> size(entry, claim)).orElse(0);
        return used - held + size(AppTable.entry(app), claim) > ROOM;
    }

    /** Bytes of an entry and its owner, as JSON: YAML is shorter by its quotes and longer by its indentation. */
    private static int size(JsonNode entry, AppClaim claim) {
        return entry.toString().getBytes(StandardCharsets.UTF_8).length + claim.id().length()
                + claim.owner().namespace().length() + claim.owner().name().length() + claim.owner().uid().length()
                + ENTRY_FORM;
    }

    private static Map<String, AppClaim> winners(AppTable before, List<AppClaim> claims,
            Map<AppClaim, Refusal> refused) {
        Map<String, AppClaim> winners = new LinkedHashMap<>();
        for (AppClaim claim : claims) {
            if (holds(before, claim)) {
                winners.putIfAbsent(claim.id(), claim);
            }
        }
        for (AppClaim claim : claims) {
            boolean free = !winners.containsKey(claim.id());
            if (free && !claim.idAllowed()) {
                refused.put(claim, Refusal.ID_NOT_ALLOWED);
            } else if (!winners.computeIfAbsent(claim.id(), _ -> claim).equals(claim)) {
                refused.put(claim, Refusal.ID_TAKEN);
            }
        }
        return winners;
    }

    /** Whether the entry in force is the claim's: by its owner, or by its credentials where no owner was recorded. */
    private static boolean holds(AppTable before, AppClaim claim) {
        JsonNode entry = before.entries().get(claim.id());
        AppOwner owner = before.owners().get(claim.id());
        if (entry == null || owner != null) {
            return entry != null && claim.owner().equals(owner);
        }
        return claim.wanted()
                .map(app -> app.credentials().key().equals(AppTable.key(entry))
                        && app.credentials().secret().equals(entry.path("secret").asText()))
                .orElse(!claim.owner().attached());
    }

    private static Optional<JsonNode> inForce(AppTable before, AppClaim claim) {
        AppOwner owner = before.owners().get(claim.id());
        return owner == null || owner.equals(claim.owner()) ? Optional.ofNullable(before.entries().get(claim.id()))
                : Optional.empty();
    }
}
