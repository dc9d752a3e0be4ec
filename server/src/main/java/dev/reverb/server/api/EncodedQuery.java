package dev.reverb.server.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A query in whatever form: decoded, and in the order that signatures want. A percent sequence that is none stands for
 * itself.
 */
final class EncodedQuery implements Query {

    private record Parameter(String key, String value, String rawValue) {}

    private final List<Parameter> parameters;

    private EncodedQuery(List<Parameter> parameters) {
        this.parameters = parameters;
    }

    static EncodedQuery of(String query) {
        List<Parameter> parameters = new ArrayList<>();
        for (String part : query.split("&")) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                String key = decode(equals < 0 ? part : part.substring(0, equals)).toLowerCase(Locale.ROOT);
                String raw = equals < 0 ? "" : part.substring(equals + 1);
                parameters.add(new Parameter(key, decode(raw), raw));
            }
        }
        parameters.sort(Comparator.comparing(Parameter::key)); // stable: equal keys keep their order
        return new EncodedQuery(parameters);
    }

    private static String decode(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    @Override
    public @Nullable String get(String key) {
        for (Parameter parameter : parameters.reversed()) {
            if (parameter.key.equals(key)) {
                return parameter.value;
            }
        }
        return null;
    }

    @Override
    public String signed(boolean decoded) {
        StringBuilder text = new StringBuilder(160);
        for (Parameter parameter : parameters) {
            if (!parameter.key.equals(SIGNATURE)) {
                if (!text.isEmpty()) {
                    text.append('&');
                }
                text.append(parameter.key).append('=').append(decoded ? parameter.value : parameter.rawValue);
            }
        }
        return text.toString();
    }

    @Override
    public boolean encoded() {
        return parameters.stream().anyMatch(parameter -> !parameter.value.equals(parameter.rawValue));
    }
}
