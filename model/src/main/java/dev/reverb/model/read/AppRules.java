package dev.reverb.model.read;

import dev.reverb.model.AppIdentity;
import dev.reverb.model.setting.ConfigNode;
import dev.reverb.model.setting.Place;
import dev.reverb.model.setting.SettingProblem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a server allows of an application, to be asked before the file is written. The server itself reads with the same
 * {@link AppReader}, so that the answers cannot differ. Any thread.
 */
public final class AppRules {
    private AppRules() {}

    /**
     * All that a server with {@code limits} would refuse in {@code entry}; empty when it would take it.
     *
     * @param entry one application as it is written in the file: keys such as {@code app_id} and {@code rate_limiting},
     *     values text, numbers, booleans, lists and maps
     * @return problems whose {@linkplain SettingProblem#key key} is the path within the entry
     */
    public static List<SettingProblem> check(Map<String, ?> entry, ServerLimits limits) {
        return new AppReader(limits).read(ConfigNode.of(entry), Place.NONE).problems();
    }

    /** The same for a server with {@linkplain ServerLimits#STANDARD standard limits}. */
    public static List<SettingProblem> check(Map<String, ?> entry) {
        return check(entry, ServerLimits.STANDARD);
    }

    /**
     * Which of {@code apps} cannot be served beside the others: the earlier one keeps an id or key, a later one that
     * claims it is refused as a whole and claims nothing. Takes time in proportion to their number.
     */
    public static List<AppConflict> conflicts(List<AppIdentity> apps) {
        List<AppConflict> conflicts = new ArrayList<>();
        Map<String, Integer> ids = HashMap.newHashMap(apps.size());
        Map<String, Integer> keys = HashMap.newHashMap(apps.size());
        for (int i = 0; i < apps.size(); i++) {
            AppIdentity app = apps.get(i);
            Integer sameId = ids.get(app.id());
            Integer sameKey = keys.get(app.key());
            if (sameId != null) {
                conflicts.add(new AppConflict(i, sameId, "id", app.id()));
            } else if (sameKey != null) {
                conflicts.add(new AppConflict(i, sameKey, "key", app.key()));
            } else {
                ids.put(app.id(), i);
                keys.put(app.key(), i);
            }
        }
        return conflicts;
    }
}
