package dev.reverb.server.config.source;

import dev.reverb.model.setting.ConfigNode;
import dev.reverb.model.setting.ConfigNode.Mapping;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.ConfigNode.Sequence;
import dev.reverb.model.setting.SettingsException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Takes Laravel Reverb's {@code config/reverb.php} as JSON, which {@code json_encode(config('reverb'))} makes, and its
 * list of applications alone: the same settings, nested otherwise. Lines stay those of the file. Pure.
 */
public final class LaravelConfig {
    /** Settings of a server there, and what they are called here. */
    private static final Map<String, String> SERVER = Map.of("host", "server.host", "port", "server.port", "path",
            "server.path", "hostname", "public.host", "max_request_size", "server.max_request_size");
    private static final Set<String> TLS = Set.of("local_cert", "local_pk", "passphrase", "cafile", "verify_peer");
    private static final Map<String, String> REDIS = Map.of("url", "url", "host", "host", "port", "port", "username",
            "username", "password", "password", "database", "db", "db", "db", "timeout", "timeout");
    /** How often the PHP server reports to two packages of Laravel; nothing here does. */
    private static final Set<String> REPORTING = Set.of("pulse_ingest_interval", "telescope_ingest_interval");

    private final String file;
    private final Map<String, Map<String, ConfigNode>> sections = new LinkedHashMap<>();

    private LaravelConfig(String file) {
        this.file = file;
    }

    /**
     * {@code document} in the form of our own file; the same when it is that already.
     *
     * @param file what errors call it
     * @throws SettingsException for a key that Laravel Reverb does not have either, or that cannot be meant here
     */
    public static Mapping translate(String file, Mapping document) {
        if (document.entries().get("servers") instanceof Mapping servers) {
            return new LaravelConfig(file).whole(document, servers);
        }
        return document.entries().get("apps") instanceof Sequence apps
                ? with(document, "apps", withoutClientOptions(apps))
                : document;
    }

    private Mapping whole(Mapping document, Mapping servers) {
        String name = text(document.entries().get("default"), "reverb");
        if (!(servers.entries().get(name) instanceof Mapping server)) {
            throw new SettingsException("servers (" + file + ":" + servers.line() + "): there is no server \"" + name
                    + "\", which default names; allowed is one of "
                    + String.join(", ", new TreeSet<>(servers.entries().keySet())));
        }
        server.entries().forEach((key, value) -> {
            String place = "servers." + name + "." + key;
            switch (key) {
                case "options" -> tls(place, value);
                case "scaling" -> scaling(place, value);
                default -> {
                    String ours = SERVER.get(key);
                    if (ours != null) {
                        put(ours, value);
                    } else if (!REPORTING.contains(key)) {
                        throw unknown(place, value, SERVER.keySet());
                    }
                }
            }
        });
        Map<String, ConfigNode> translated = new LinkedHashMap<>();
        ConfigNode apps = document.entries().get("apps");
        if (apps instanceof Mapping provided) {
            String provider = text(provided.entries().get("provider"), "config");
            if (!provider.equals("config")) {
                throw new SettingsException("apps.provider (" + file + ":" + apps.line() + "): \"" + provider
                        + "\" is not allowed; allowed is config, as applications come from this file");
            }
            apps = provided.entries().get("apps");
        }
        if (apps instanceof Sequence list) {
            publicAddress(list);
            translated.put("apps", withoutClientOptions(list));
        }
        sections.forEach((section, entries) -> translated.put(section, new Mapping(entries, server.line())));
        return new Mapping(translated, document.line());
    }

    private void tls(String place, ConfigNode options) {
        if (options instanceof Mapping mapping) {
            mapping.entries().forEach((key, value) -> {
                if (!key.equals("tls")) {
                    throw unknown(place + "." + key, value, Set.of("tls"));
                }
                if (value instanceof Mapping context) {
                    context.entries().forEach((option, set) -> {
                        if (!TLS.contains(option)) {
                            throw unknown(place + ".tls." + option, set, TLS);
                        }
                        put("tls." + option, set);
                    });
                }
            });
        }
    }

    private void scaling(String place, ConfigNode scaling) {
        if (!(scaling instanceof Mapping mapping)) {
            return;
        }
        mapping.entries().forEach((key, value) -> {
            switch (key) {
                case "enabled", "channel" -> put("scaling." + key, value);
                case "server" -> {
                    if (value instanceof Mapping redis) {
                        redis.entries().forEach((option, set) -> {
                            String ours = REDIS.get(option);
                            if (ours == null) {
                                throw unknown(place + ".server." + option, set, REDIS.keySet());
                            }
                            if (!isStandard(ours, set)) {
                                put("redis." + ours, set);
                            }
                        });
                    }
                }
                default -> throw unknown(place + "." + key, value, Set.of("enabled", "channel", "server"));
            }
        });
    }

    /** Where the application says that its clients connect to, which Reverb has once for each. */
    private void publicAddress(Sequence apps) {
        if (!apps.items().isEmpty() && apps.items().getFirst() instanceof Mapping first
                && first.entries().get("options") instanceof Mapping options) {
            for (String key : List.of("host", "port", "scheme")) {
                ConfigNode value = options.entries().get(key);
                if (value != null && !(key.equals("host") && has("public", "host"))) {
                    put("public." + key, value);
                }
            }
        }
    }

    /** What its installer writes is no wish: a time-out of 60 s would be warned of, as the lease bounds it here. */
    private static boolean isStandard(String redis, ConfigNode set) {
        return redis.equals("timeout") && set instanceof Scalar(String text, int _) && text.equals("60");
    }

    private boolean has(String section, String key) {
        return sections.getOrDefault(section, Map.of()).get(key) instanceof Scalar(String text, int _)
                && !text.isEmpty();
    }

    private void put(String key, ConfigNode value) {
        int dot = key.indexOf('.');
        sections.computeIfAbsent(key.substring(0, dot), _ -> new LinkedHashMap<>()).put(key.substring(dot + 1), value);
    }

    /** What Laravel itself reads to publish; whether it is right is not a server's business. */
    private static Sequence withoutClientOptions(Sequence apps) {
        return new Sequence(apps.items().stream().map(item -> {
            if (!(item instanceof Mapping app) || !app.entries().containsKey("options")) {
                return item;
            }
            Map<String, ConfigNode> entries = new LinkedHashMap<>(app.entries());
            entries.remove("options");
            return (ConfigNode) new Mapping(entries, app.line());
        }).toList(), apps.line());
    }

    private static Mapping with(Mapping document, String key, ConfigNode value) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>(document.entries());
        entries.put(key, value);
        return new Mapping(entries, document.line());
    }

    private static String text(@Nullable ConfigNode node, String otherwise) {
        return node instanceof Scalar(String text, int _) && !text.isEmpty() ? text : otherwise;
    }

    private SettingsException unknown(String place, ConfigNode value, Set<String> allowed) {
        return new SettingsException(place + " (" + file + ":" + value.line() + "): there is no such key; allowed is "
                + String.join(", ", new TreeSet<>(allowed)));
    }
}
