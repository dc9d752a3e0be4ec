package dev.reverb.operator.desired.app;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverb.model.read.AppRules;
import dev.reverb.model.read.ServerLimits;
import dev.reverb.model.setting.SettingProblem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Asks the server's own rules whether a server would take an application, so that one that it would refuse never gets
 * into the file. Pure.
 */
public final class AppCheck {
    /** Bytes of one application's entry: 16 such applications would fill the Secret that all of them share. */
    static final int LARGEST = 64 * 1024;

    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern UNDERSCORE = Pattern.compile("_([a-z0-9])");

    private static final Pattern HEADER = Pattern.compile("webhooks\\[(\\d+)\\]\\.headers\\.(.+)");

    private AppCheck() {}

    /**
     * What a server with {@code limits} would refuse in {@code app}: each time the whole path in the resource, or the
     * key of the Secret, and what is allowed; empty when nothing.
     *
     * @param place where the application stands in its resource, such as {@code spec.apps[0]}
     */
    public static Optional<String> refusal(ServedApp app, ServerLimits limits, String place) {
        JsonNode entry = AppTable.entry(app);
        int size = entry.toString().getBytes(StandardCharsets.UTF_8).length;
        if (size > LARGEST) {
            return Optional
                    .of(place + ": webhooks, headers and origins take " + size + " bytes; allowed are " + LARGEST);
        }
        if (Stream.concat(Stream.of(app.credentials().secret()), app.credentials().previousSecrets().stream())
                .anyMatch(secret -> secret.indexOf('\uFFFD') >= 0)) {
            return Optional.of(field("secret", place) + ": it is no text in UTF-8, and no back end could sign with it");
        }
        List<SettingProblem> problems = AppRules
                .check(JSON.convertValue(entry, new TypeReference<Map<String, Object>>() {}), limits);
        return problems.isEmpty() ? Optional.empty()
                : Optional.of(problems.stream()
                        .limit(5)
                        .map(problem -> text(problem, app, place))
                        .collect(Collectors.joining("; ")));
    }

    private static String text(SettingProblem problem, ServedApp app, String place) {
        Matcher header = HEADER.matcher(problem.key());
        if (header.matches()) {
            boolean secret = app.headers(Integer.parseInt(header.group(1))).containsKey(header.group(2));
            return place + ".webhooks[" + header.group(1) + "].headers" + (secret ? "From." : ".") + header.group(2)
                    + ": " + problem.reason();
        }
        return field(problem.key(), place) + ": " + problem.reason();
    }

    /** The resource's name of the file's {@code key}; credentials stand in the Secret under their variables' names. */
    private static String field(String key, String place) {
        return switch (key) {
            case "key" -> secret("REVERB_APP_KEY", place);
            case "secret" -> secret("REVERB_APP_SECRET", place);
            case "previous_secrets" -> secret("REVERB_APP_PREVIOUS_SECRETS", place);
            case "app_id" -> place + ".id";
            case "" -> place;
            default ->
                place + "." + UNDERSCORE.matcher(key).replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
        };
    }

    /** Of several applications in one resource the place says whose Secret it is. */
    private static String secret(String variable, String place) {
        return "the Secret's " + variable + (place.equals("spec") ? "" : " of " + place);
    }
}
