package dev.reverb.server.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A query in whatever form: decoded, and in the order that signatures want. A percent sequence that is none stands for
 * itself.
 */
final class EncodedQuery implements Query {

    private record Parameter(String key, String value, String rawValue) {}

    private static final Parameter[] NONE = {};

    private final Parameter[] parameters;

    private EncodedQuery(Parameter[] parameters) {
        this.parameters = parameters;
    }

    static EncodedQuery of(String query) {
        if (query.isEmpty()) {
            return new EncodedQuery(NONE);
        }
        int count = 1;
        for (int i = 0; i < query.length(); i++) {
            if (query.charAt(i) == '&') {
                count++;
            }
        }
        Parameter[] parameters = new Parameter[count];
        int size = 0;
        int start = 0;
        while (start <= query.length()) {
            int end = query.indexOf('&', start);
            if (end < 0) {
                end = query.length();
            }
            if (end > start) {
                int equals = query.indexOf('=', start);
                boolean valued = equals >= 0 && equals < end;
                String key = decode(query.substring(start, valued ? equals : end)).toLowerCase(Locale.ROOT);
                String raw = valued ? query.substring(equals + 1, end) : "";
                parameters[size++] = new Parameter(key, decode(raw), raw);
            }
            start = end + 1;
        }
        Parameter[] used = size == count ? parameters : Arrays.copyOf(parameters, size);
        Arrays.sort(used, Comparator.comparing(Parameter::key)); // stable: equal keys keep their order
        return new EncodedQuery(used);
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
        for (int i = parameters.length - 1; i >= 0; i--) {
            if (parameters[i].key.equals(key)) {
                return parameters[i].value;
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
        for (Parameter parameter : parameters) {
            if (!parameter.value.equals(parameter.rawValue)) {
                return true;
            }
        }
        return false;
    }
}
