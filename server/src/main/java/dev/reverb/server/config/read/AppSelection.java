package dev.reverb.server.config.read;

import dev.reverb.model.App;
import dev.reverb.model.AppIdentity;
import dev.reverb.model.read.AppConflict;
import dev.reverb.model.read.AppReading;
import dev.reverb.model.read.AppRules;
import dev.reverb.model.setting.SettingProblem;
import dev.reverb.server.app.RefusedApp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides which applications are served when some of those given are wrong, or claim one id or key. What is refused
 * stays in the form in force, if it has one; an id or key in force is kept by whoever has it, and otherwise goes to the
 * first who claims it. Takes time in proportion to the number of applications. Confined to one thread.
 */
final class AppSelection {
    private final Map<String, App> inForceById = new HashMap<>();
    private final Map<String, App> inForceByKey = new HashMap<>();
    private final List<Candidate> fixed = new ArrayList<>();
    private final List<Candidate> candidates = new ArrayList<>();
    private final List<Wrong> wrong = new ArrayList<>();

    /** An application that could be served, and where it was given. */
    private record Candidate(App app, String place) {}

    /** One that could not. */
    private record Wrong(AppReading reading, String place) {}

    /** What is served, and what is refused. */
    record Selected(List<App> apps, List<RefusedApp> refused) {}

    AppSelection(Collection<App> inForce) {
        for (App app : inForce) {
            inForceById.put(app.id(), app);
            inForceByKey.put(app.key(), app);
        }
    }

    /** Takes one that has its id and key whatever others claim. */
    void fixed(App app, String place) {
        fixed.add(new Candidate(app, place));
    }

    /** Takes what was read at {@code place}. */
    void add(AppReading reading, String place) {
        reading.app()
                .ifPresentOrElse(app -> candidates.add(new Candidate(app, place)),
                        () -> wrong.add(new Wrong(reading, place)));
    }

    Selected select() {
        Set<String> given = new HashSet<>();
        fixed.forEach(own -> given.add(own.app().id()));
        candidates.forEach(candidate -> given.add(candidate.app().id()));
        Map<String, App> kept = new LinkedHashMap<>();
        List<RefusedApp> refused = new ArrayList<>();
        for (Wrong entry : wrong) {
            AppReading reading = entry.reading();
            App last = reading.id().map(inForceById::get).orElse(null);
            if (last == null) {
                last = reading.key().map(inForceByKey::get).orElse(null);
            }
            boolean keep = false;
            if (last != null && !given.contains(last.id())) {
                kept.put(last.id(), last);
                keep = true;
            }
            refused.add(new RefusedApp(reading.id().orElse(entry.place()), entry.place(), reading.problems(), keep));
        }
        List<Candidate> left = sorted();
        List<Candidate> order = order(kept, left);
        List<AppConflict> conflicts = conflicts(order);
        while (!conflicts.isEmpty()) {
            // what is refused stays in its last form, which may have an id or key that was given away: look again
            Set<Candidate> out = new HashSet<>();
            for (AppConflict conflict : conflicts) {
                Candidate loser = order.get(conflict.refused());
                App last = inForceById.get(loser.app().id());
                boolean keep = false;
                if (last != null && conflict.what().equals("key")) {
                    kept.put(last.id(), last);
                    keep = true;
                }
                out.add(loser);
                refused.add(refused(loser, order.get(conflict.owner()), conflict, keep));
            }
            left.removeIf(out::contains);
            order = order(kept, left);
            conflicts = conflicts(order);
        }
        return new Selected(order.stream().map(Candidate::app).toList(), List.copyOf(refused));
    }

    /** Those first whose id and key are in force already. */
    private List<Candidate> sorted() {
        List<Candidate> sorted = new ArrayList<>();
        candidates.stream().filter(this::holds).forEach(sorted::add);
        candidates.stream().filter(candidate -> !holds(candidate)).forEach(sorted::add);
        return sorted;
    }

    private boolean holds(Candidate candidate) {
        App now = inForceById.get(candidate.app().id());
        return now != null && now.key().equals(candidate.app().key());
    }

    private List<Candidate> order(Map<String, App> kept, List<Candidate> left) {
        List<Candidate> order = new ArrayList<>(fixed);
        kept.values().forEach(app -> order.add(new Candidate(app, "application " + app.id() + " as it is in force")));
        order.addAll(left);
        return order;
    }

    private static List<AppConflict> conflicts(List<Candidate> order) {
        return AppRules.conflicts(order.stream().map(candidate -> AppIdentity.of(candidate.app())).toList());
    }

    private static RefusedApp refused(Candidate loser, Candidate owner, AppConflict conflict, boolean kept) {
        String reason = "application " + conflict.what() + " \"" + conflict.value() + "\" is given twice: by "
                + owner.place() + " and by " + loser.place() + "; every application needs its own";
        String key = conflict.what().equals("id") ? "app_id" : "key";
        return new RefusedApp(loser.app().id(), loser.place(), List.of(new SettingProblem(key, "", reason)), kept);
    }
}
