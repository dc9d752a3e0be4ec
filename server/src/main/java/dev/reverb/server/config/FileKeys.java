package dev.reverb.server.config;

import dev.reverb.server.config.ConfigNode.Mapping;
import dev.reverb.server.config.ConfigNode.Scalar;
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
final class FileKeys {
    /** Keys that people will look for under another name than ours. */
    private static final Map<String, String> KNOWN_ELSEWHERE = Map.of("host", "server.host", "port", "server.port",
            "redis.prefix", "scaling.channel", "redis.channel", "scaling.channel", "redis.server", "redis.url",
            "server.hostname", "public.host", "hostname", "public.host", "server.options", "tls", "server.tls", "tls",
            "server.scaling", "scaling");

    private final String file;
    private final Map<String, Setting<?>> byKey = new HashMap<>();
    private final Set<String> structured;
    private final Set<String> sections = new LinkedHashSet<>();

    /**
     * @param structured keys at the top that are read by somebody else
     */
    FileKeys(String file, List<Setting<?>> catalogue, Set<String> structured) {
        this.file = file;
        this.structured = structured;
        for (Setting<?> setting : catalogue) {
            if (!setting.key().isEmpty()) {
                byKey.put(setting.key(), setting);
                for (int dot = setting.key().indexOf('.'); dot > 0; dot = setting.key().indexOf('.', dot + 1)) {
                    sections.add(setting.key().substring(0, dot));
                }
            }
        }
    }

    /**
     * Puts every setting of {@code mapping} into {@code given}.
     *
     * @param owner what stands before the keys in messages: empty, or for example {@code apps[0].}
     * @throws SettingsException for a key that does not exist
     */
    void read(Mapping mapping, String owner, Given given) {
        read(mapping, owner, "", given);
    }

    private void read(Mapping mapping, String owner, String prefix, Given given) {
        mapping.entries().forEach((name, node) -> {
            String key = prefix + name;
            String origin = owner + key + " (" + file + ":" + node.line() + ")";
            Setting<?> setting = byKey.get(key);
            if (setting != null) {
                given.put(setting, node, origin);
            } else if (sections.contains(key)) {
                switch (node) {
                    case Mapping section -> read(section, owner, key + ".", given);
                    case Scalar(String text, int _) when text.isEmpty() -> {
                    }
                    default -> throw new SettingsException(
                            origin + ": keys are expected below it: " + String.join(", ", childrenOf(key + ".")));
                }
            } else if (!structured.contains(key)) {
                throw unknown(owner, origin, key, prefix);
            }
        });
    }

    private SettingsException unknown(String owner, String origin, String key, String prefix) {
        Collection<String> candidates = new ArrayList<>(byKey.keySet());
        candidates.addAll(sections);
        candidates.addAll(structured);
        candidates
                .removeIf(candidate -> !prefix.isEmpty() && candidate.equals(prefix.substring(0, prefix.length() - 1)));
        Optional<String> near = owner.isEmpty() && KNOWN_ELSEWHERE.containsKey(key)
                ? Optional.of(KNOWN_ELSEWHERE.get(key))
                : NearestName.to(key, candidates.stream().sorted().toList());
        return new SettingsException(
                origin + ": there is no such key; " + near.map(name -> "did you mean " + name + "?")
                        .orElseGet(() -> "allowed here: " + String.join(", ", childrenOf(prefix))));
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
