package dev.reverb.model.setting;

import dev.reverb.model.setting.ConfigNode.Mapping;
import dev.reverb.model.setting.ConfigNode.Scalar;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the settings of a catalogue in the keys of a file. A key that is in no catalogue is an error that names the
 * right one: a misspelt limit must not go unnoticed.
 */
public final class FileKeys {
    /** Longer than any key: a text this long is not shown, nor compared with what is near. */
    private static final int MOST = 100;

    private final Place place;
    private final String path;
    private final Map<String, Setting<?>> byKey = new HashMap<>();
    private final Set<String> structured;
    private final Map<String, String> elsewhere;
    private final Set<String> sections = new LinkedHashSet<>();

    /**
     * @param place where the keys stand
     * @param path what stands before the keys in {@link SettingProblem#key}: empty, or such as {@code webhooks[0]}
     * @param structured keys at the top that are read by somebody else
     * @param elsewhere keys that people look for under another name than ours, with ours
     */
    public FileKeys(Place place, String path, List<Setting<?>> catalogue, Set<String> structured,
            Map<String, String> elsewhere) {
        this.place = place;
        this.path = path;
        this.structured = structured;
        this.elsewhere = elsewhere;
        for (Setting<?> setting : catalogue) {
            if (!setting.key().isEmpty()) {
                byKey.put(setting.key(), setting);
                for (int dot = setting.key().indexOf('.'); dot > 0; dot = setting.key().indexOf('.', dot + 1)) {
                    sections.add(setting.key().substring(0, dot));
                }
            }
        }
    }

    /** Puts every setting of {@code mapping} into {@code given}, which refuses the keys that do not exist. */
    public void read(Mapping mapping, Given given) {
        read(mapping, "", given);
    }

    private void read(Mapping mapping, String prefix, Given given) {
        mapping.entries().forEach((written, node) -> {
            String name = written.length() > MOST ? written.substring(0, MOST) + "…" : written;
            String key = prefix + name;
            String full = path.isEmpty() ? key : path + "." + key;
            String origin = place.of(full, node.line());
            Setting<?> setting = byKey.get(key);
            if (setting != null) {
                given.put(setting, node, full, origin);
            } else if (sections.contains(key)) {
                switch (node) {
                    case Mapping section -> read(section, key + ".", given);
                    case Scalar(String text, int _) when text.isEmpty() -> {
                    }
                    default -> given.refuse(new SettingProblem(full, origin,
                            "keys are expected below it: " + String.join(", ", childrenOf(key + "."))));
                }
            } else if (!structured.contains(key)) {
                given.refuse(new SettingProblem(full, origin, unknown(key, prefix)));
            }
        });
    }

    private String unknown(String key, String prefix) {
        Collection<String> candidates = new ArrayList<>(byKey.keySet());
        candidates.addAll(sections);
        candidates.addAll(structured);
        candidates
                .removeIf(candidate -> !prefix.isEmpty() && candidate.equals(prefix.substring(0, prefix.length() - 1)));
        Optional<String> near = elsewhere.containsKey(key) ? Optional.of(elsewhere.get(key))
                : NearestName.to(key, candidates.stream().sorted().toList());
        return "there is no such key; " + near.map(name -> "did you mean " + name + "?")
                .orElseGet(() -> "allowed here: " + String.join(", ", childrenOf(prefix)));
    }

    /** The names that may follow {@code prefix}. */
    private Set<String> childrenOf(String prefix) {
        Set<String> names = new TreeSet<>();
        for (String key : byKey.keySet()) {
            if (key.startsWith(prefix)) {
                String rest = key.substring(prefix.length());
                names.add(rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : rest);
            }
        }
        if (prefix.isEmpty()) {
            names.addAll(structured);
        }
        return names;
    }
}
