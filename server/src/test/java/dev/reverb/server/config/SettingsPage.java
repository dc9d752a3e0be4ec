package dev.reverb.server.config;

import dev.reverb.model.AppCatalogue;
import dev.reverb.model.read.HistoryReader;
import dev.reverb.model.read.WebhookReader;
import dev.reverb.model.setting.ConfigNode;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.Setting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Renders the catalogues as {@code docs/settings.md}. */
final class SettingsPage {
    private static final Map<String, String> HEADINGS = new LinkedHashMap<>();

    static {
        HEADINGS.put("", "The file itself");
        HEADINGS.put("server", "Server");
        HEADINGS.put("public", "Public address");
        HEADINGS.put("tls", "TLS");
        HEADINGS.put("drain", "Drain");
        HEADINGS.put("rebalance", "Rebalancing");
        HEADINGS.put("webhooks", "Webhooks");
        HEADINGS.put("management", "Health and metrics");
        HEADINGS.put("limits", "Limits");
        HEADINGS.put("scaling", "Several nodes");
        HEADINGS.put("redis", "Redis");
        HEADINGS.put("log", "Log");
    }

    private SettingsPage() {}

    static String markdown() {
        StringBuilder page = new StringBuilder("""
            # Settings

            This page is generated from the catalogue of settings in the server; a test keeps it current.

            A flag of `reverb start` wins over an environment variable, which wins over the file. The file is
            YAML; name it with `--config` or `REVERB_CONFIG`. A key such as `drain.duration` is written as

            ```yaml
            drain:
              duration: 90s
            ```

            A bare number is seconds for a time, and bytes for a size. An empty variable, or the word `null`,
            is unset. Unknown variables that start with `REVERB_` are named in one warning; an unknown key in
            the file is an error. Everything here needs a restart, except applications and how Redis is reached: a
            change to `apps:` is in force within a second, and so are addresses, credentials and TLS below `redis:`,
            the certificates in `redis.tls.cafile` too, once they work; until then the link stays as it was. (Another
            kind of installation, `redis.db` and `redis.timeout` need a restart.) An application that is wrong is left
            out alone, at start too: a line of the log, `/status` and the meter `reverb_apps_refused` name it, its last
            good form stays in force, and the others are served. `reverb check` fails then, and says what is wrong.
            A file that is empty, or has no `apps:` any longer, changes nothing: no applications are `apps: []`.
            """);
        Map<String, List<Setting<?>>> sections = ServerSettings.ALL.stream()
                .collect(Collectors.groupingBy(
                        setting -> setting.key().contains(".") ? setting.key().substring(0, setting.key().indexOf('.'))
                                : "",
                        LinkedHashMap::new, Collectors.toList()));
        sections.forEach((section, settings) -> {
            page.append("\n## ").append(Objects.requireNonNull(HEADINGS.get(section), section)).append("\n\n");
            table(page, settings);
        });
        page.append("""

            ## Applications

            In the file, applications are a list; the environment can hold one more. Of two with the same id or
            key, the one in force keeps it, else the first; the other is refused.

            ```yaml
            apps:
              - app_id: shop
                key: shop-key
                secret: shop-secret
                allowed_origins: [shop.example.com, "*.shop.example.com"]
                rate_limiting: {enabled: true, max_attempts: 100, decay_seconds: 10}
                history:
                  - {channels: "orders.*", count: 100, age: 5m}
                webhooks:
                  - url: https://shop.example.com/reverb
                    events: [channel_occupied, channel_vacated]
            ```

            To rotate a secret, write the new one to `secret` and the old one to `previous_secrets`; both are
            accepted, and the new one signs. With no application in either place, and no `apps:` in the file,
            the server makes one for development with random credentials and prints them.

            """);
        table(page, AppCatalogue.ALL);
        page.append("""

            ### History of an application

            `history` is a list, in the file only. An entry that is only a pattern stands for its `channels`. See
            [resume.md](resume.md).

            | Key | Default | Allowed | Meaning |
            |---|---|---|---|
            """);
        for (Setting<?> setting : HistoryReader.ALL) {
            page.append("| `")
                    .append(setting.key())
                    .append("` | ")
                    .append(code(setting.standard().orElse("")))
                    .append(" | ")
                    .append(setting.type().allowed().replace("*", "\\*"))
                    .append(" | ")
                    .append(setting.description())
                    .append(" |\n");
        }
        page.append("""

            ### Webhooks of an application

            `webhooks` is a list, in the file only. An entry that is only an address stands for its `url`. See
            [webhooks.md](webhooks.md).

            | Key | Default | Allowed | Meaning |
            |---|---|---|---|
            """);
        for (Setting<?> setting : WebhookReader.ALL) {
            page.append("| `")
                    .append(setting.key())
                    .append("` | | ")
                    .append(setting.type().allowed())
                    .append(" | ")
                    .append(setting.description())
                    .append(" |\n");
        }
        page.append("| `headers` | | header names with their values | Added to every request. |\n");
        return page.toString();
    }

    private static void table(StringBuilder page, List<Setting<?>> settings) {
        page.append("| Key | Variable, flag | Default | Allowed | Meaning |\n|---|---|---|---|---|\n");
        for (Setting<?> setting : settings) {
            page.append("| ")
                    .append(code(setting.key()))
                    .append(" | ")
                    .append(code(setting.variable()))
                    .append(setting.flag().isEmpty() ? "" : ", " + code(setting.flag()))
                    .append(" | ")
                    .append(code(setting.standard().orElse("")))
                    .append(" | ")
                    .append(setting.type().allowed().replace("*", "\\*").replace("|", "\\|"))
                    .append(" | ")
                    .append(setting.description())
                    .append(" |\n");
        }
    }

    private static String code(String text) {
        return text.isEmpty() ? "" : "`" + text + "`";
    }

    /** Every default must be allowed: a default that its own type refuses would stop every server. */
    static void parseDefaults(List<Setting<?>> settings) {
        settings.stream()
                .filter(setting -> setting.standard().isPresent() && !setting.standard().get().isEmpty())
                .forEach(setting -> setting.type().parse(new Scalar(setting.standard().get(), 0)));
    }
}
